// An HTTP server with keep-alive on, and a client that uses it in one of three ways.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	listen := flag.String("listen", "", "serve on this address:port")
	url := flag.String("url", "", "request this")
	count := flag.Int("count", 1, "number of requests, one after the other")
	reuse := flag.String("reuse", "keep-alive", "keep-alive, disabled (DisableKeepAlives) or fresh (a new pool for each request)")
	pause := flag.Duration("pause", 0, "read the body this much later than the header")
	flag.Parse()
	log.SetFlags(0)
	if *listen != "" {
		serve(*listen)
	} else {
		request(*url, *count, *reuse, *pause)
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

func request(url string, count int, reuse string, pause time.Duration) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: reuse == "disabled"}}
	for i := 0; i < count; i++ {
		if reuse == "fresh" {
			client = &http.Client{Transport: &http.Transport{}}
		}
		fetch(client, url, pause)
		if reuse == "fresh" {
			client.CloseIdleConnections()
		}
	}
}

// fetch reads the body to its end: before that the client neither uses the connection again nor closes it.
func fetch(client *http.Client, url string, pause time.Duration) {
	response, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	time.Sleep(pause)
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		log.Fatal(err)
	}
}
