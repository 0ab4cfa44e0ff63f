package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// answerAndClose takes connections, one octet of each, and closes them first.
func answerAndClose(address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer conn.Close()
			conn.Read(make([]byte, 1))
		}()
	}
}

// churn opens `count` connections from each of the sources in turn as fast as they are answered, waits for the server's
// close, and prints how many came through and how long it took. Every eighth is reset.
func churn(address, sources string, count, workers int) {
	var next, done atomic.Int64
	var working sync.WaitGroup
	names := strings.Split(sources, ",")
	started := time.Now()
	for worker := 0; worker < workers; worker++ {
		working.Add(1)
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(names[worker%len(names)])}, Timeout: 10 * time.Second}
		go func() {
			defer working.Done()
			for next.Add(1) <= int64(count) {
				conn, err := dialer.Dial("tcp", address)
				if err != nil {
					continue
				}
				number := done.Add(1)
				if number%8 == 0 {
					conn.(*net.TCPConn).SetLinger(0)
				} else {
					conn.Write([]byte("x"))
					io.Copy(io.Discard, conn)
				}
				conn.Close()
			}
		}()
	}
	working.Wait()
	fmt.Printf("%d %.3f\n", done.Load(), time.Since(started).Seconds())
}
