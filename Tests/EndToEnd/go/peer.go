// An HTTP server with keep-alive on, and a client that uses it in one of three ways.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

func main() {
	listen := flag.String("listen", "", "serve on this address:port")
	url := flag.String("url", "", "request this")
	count := flag.Int("count", 1, "number of requests, one after the other")
	reuse := flag.String("reuse", "keep-alive", "keep-alive, disabled (DisableKeepAlives) or fresh (a new pool for each request)")
	yield := flag.Bool("yield", false, "close a connection only when the server has closed it")
	flag.Parse()
	log.SetFlags(0)
	if *listen != "" {
		serve(*listen)
	} else {
		request(*url, *count, *reuse, *yield)
	}
}

// serve prints one line when it listens.
func serve(address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	answer := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello\n") }
	log.Fatal(http.Serve(listener, http.HandlerFunc(answer)))
}

func request(url string, count int, reuse string, yield bool) {
	var open sync.WaitGroup
	dial := net.Dial
	if yield {
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
		return &http.Transport{DisableKeepAlives: reuse == "disabled", Dial: dial}
	}
	client := &http.Client{Transport: transport()}
	for i := 0; i < count; i++ {
		if reuse == "fresh" {
			client = &http.Client{Transport: transport()}
		}
		fetch(client, url)
		if reuse == "fresh" {
			client.CloseIdleConnections()
		}
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
func fetch(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		log.Fatal(err)
	}
}
