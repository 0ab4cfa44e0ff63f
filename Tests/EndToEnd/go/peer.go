// An HTTP server with keep-alive on, and a client that uses it in several ways, some of them bad habits.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

func main() {
	listen := flag.String("listen", "", "serve on this address:port")
	url := flag.String("url", "", "request this")
	count := flag.Int("count", 1, "number of requests, one after the other")
	reuse := flag.String("reuse", "keep-alive", "keep-alive, disabled (DisableKeepAlives) or fresh (a new pool for each request)")
	yield := flag.Bool("yield", false, "close a connection only when the server has closed it")
	workers := flag.Int("workers", 1, "clients of one pool at a time, each with that number of requests")
	rounds := flag.Int("rounds", 1, "all of it again so often")
	between := flag.Duration("between", 0, "time from one round to the next")
	pause := flag.Duration("pause", 0, "stay after the last request, connections open")
	patience := flag.Duration("patience", 0, "give up a request after this time, and go on")
	unread := flag.Bool("unread", false, "close bodies without reading them")
	idle := flag.Duration("idle-timeout", 0, "serve: close connections that are idle for so long")
	delay := flag.Duration("delay", 0, "serve: answer after this time")
	body := flag.Int("body", 6, "serve: octets of an answer")
	rate := flag.Int("exhaust", 0, "open and close so many connections a second to the target, until one fails")
	target := flag.String("target", "", "exhaust: the address:port")
	flag.Parse()
	log.SetFlags(0)
	if *rate > 0 {
		exhaust(*target, *rate)
	} else if *listen != "" {
		serve(*listen, *idle, *delay, *body)
	} else {
		habits := habits{*count, *reuse, *yield, *patience, *unread}
		habits.request(*url, *workers, *rounds, *between)
		time.Sleep(*pause)
	}
}

// exhaust keeps every port that it used in TIME_WAIT; it ends, with the reason, when there is none left.
func exhaust(address string, rate int) {
	for range time.Tick(time.Second / time.Duration(rate)) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			fmt.Println(err)
			return
		}
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
		conn.Close()
	}
}

// serve prints one line when it listens.
func serve(address string, idle, delay time.Duration, size int) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	text := bytes.Repeat([]byte("x"), size)
	answer := func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(delay)
		w.Header().Set("Content-Length", strconv.Itoa(size))
		w.Write(text)
	}
	server := http.Server{Handler: http.HandlerFunc(answer), IdleTimeout: idle}
	log.Fatal(server.Serve(listener))
}

type habits struct {
	count    int
	reuse    string
	yield    bool
	patience time.Duration
	unread   bool
}

func (h habits) request(url string, workers, rounds int, between time.Duration) {
	var open, working sync.WaitGroup
	dial := net.Dial
	if h.yield {
		dial = func(network, address string) (net.Conn, error) {
			conn, err := net.Dial(network, address)
			if err == nil {
				open.Add(1)
				conn = &yieldingConn{Conn: conn, closed: open.Done}
			}
			return conn, err
		}
	}
	transport := func() *http.Transport {
		return &http.Transport{DisableKeepAlives: h.reuse == "disabled", Dial: dial}
	}
	shared := &http.Client{Transport: transport(), Timeout: h.patience}
	work := func() {
		defer working.Done()
		for i := 0; i < h.count; i++ {
			client := shared
			if h.reuse == "fresh" {
				client = &http.Client{Transport: transport(), Timeout: h.patience}
			}
			h.fetch(client, url)
			if h.reuse == "fresh" {
				client.CloseIdleConnections()
			}
		}
	}
	for round := 0; round < rounds; round++ {
		for worker := 0; worker < workers; worker++ {
			working.Add(1)
			go work()
		}
		working.Wait()
		time.Sleep(between)
	}
	open.Wait()
}

// yieldingConn closes when the other end has closed: who closes first is then no matter of who is faster.
type yieldingConn struct {
	net.Conn
	once   sync.Once
	closed func()
}

func (c *yieldingConn) Close() (err error) {
	c.once.Do(func() {
		defer c.closed()
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
		io.Copy(io.Discard, c.Conn)
		err = c.Conn.Close()
	})
	return err
}

// fetch reads the body to its end: before that the client neither uses the connection again nor closes it.
func (h habits) fetch(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil && h.patience > 0 {
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if h.unread {
		return
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		log.Fatal(err)
	}
}
