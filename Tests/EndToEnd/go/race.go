package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// race uses each connection a second time about when the server's time-out closes it, as a pool does that keeps
// connections for longer than the server. It prints how many requests were lost: sent on a connection that looked open,
// and not answered.
func race(address string, connections int, timeout, spread time.Duration) {
	var racing sync.WaitGroup
	var mutex sync.Mutex
	races := 0
	for i := 0; i < connections; i++ {
		racing.Add(1)
		go func() {
			defer racing.Done()
			if isLost(address, timeout, spread) {
				mutex.Lock()
				races++
				mutex.Unlock()
			}
		}()
		time.Sleep(20 * time.Millisecond)
	}
	racing.Wait()
	fmt.Println(races)
}

func isLost(address string, timeout, spread time.Duration) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	if err := exchange(conn, reader, address); err != nil {
		log.Fatal(err)
	}
	time.Sleep(timeout - spread + time.Duration(rand.Int63n(int64(2*spread))))
	if isClosed(conn.(*net.TCPConn)) {
		return false
	}
	if err := exchange(conn, reader, address); err != nil {
		return true
	}
	// Those that were in time are the server's to close.
	io.Copy(io.Discard, reader)
	return false
}

func exchange(conn net.Conn, reader *bufio.Reader, host string) error {
	request := "GET / HTTP/1.1\r\nHost: " + host + "\r\nKeep-Alive: timeout=60\r\n\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// isClosed looks before use whether the server has closed, as pools do.
func isClosed(conn *net.TCPConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return true
	}
	closed := false
	raw.Read(func(descriptor uintptr) bool {
		count, _, err := syscall.Recvfrom(int(descriptor), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		closed = count == 0 && err == nil || err != nil && err != syscall.EAGAIN
		return true
	})
	return closed
}
