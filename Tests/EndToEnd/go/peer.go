// An HTTP server with keep-alive on, and a client that uses it in several ways, some of them bad habits.
package main

import (
	"bytes"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	listen := flag.String("listen", "", "serve on this address:port")
	url := flag.String("url", "", "request this")
	count := flag.Int("count", 1, "number of requests, one after the other")
	reuse := flag.String("reuse", "keep-alive", "keep-alive, disabled (DisableKeepAlives), fresh (a new pool for each request), left (the same, its connection left open) or own (one for each worker)")
	yield := flag.Bool("yield", false, "close a connection only when the server has closed it")
	workers := flag.Int("workers", 1, "clients of one pool at a time, each with that number of requests")
	rounds := flag.Int("rounds", 1, "all of it again so often")
	between := flag.Duration("between", 0, "time from one round to the next")
	apart := flag.Duration("apart", 0, "time from the start of one worker to that of the next")
	pause := flag.Duration("pause", 0, "stay after the last request, connections open")
	patience := flag.Duration("patience", 0, "give up a request after this time, and go on")
	unread := flag.Bool("unread", false, "close bodies without reading them")
	post := flag.Int("post", 0, "send so many octets with each request")
	kept := flag.Int("kept", 0, "MaxIdleConnsPerHost, 0 for the default")
	idleLimit := flag.Duration("idle-limit", 0, "IdleConnTimeout, 0 for none")
	http2 := flag.Bool("http2", false, "offer HTTP/2 inside TLS")
	headers := headers{}
	flag.Var(headers, "header", "NAME: VALUE, sent with each request")
	idle := flag.Duration("idle-timeout", 0, "serve: close connections that are idle for so long")
	delay := flag.Duration("delay", 0, "serve: answer after this time")
	body := flag.Int("body", 6, "serve: octets of an answer")
	rate := flag.Int("exhaust", 0, "open and close so many connections a second to the target, until one fails")
	target := flag.String("target", "", "exhaust and race: the address:port")
	racers := flag.Int("race", 0, "so many connections, used again when the target's time-out runs out")
	timeout := flag.Duration("timeout", 5*time.Second, "race: that time-out")
	spread := flag.Duration("spread", 100*time.Millisecond, "race: use them so much before it or after it, at most")
	flooding := flag.String("flood", "", "syn, stray, scan, sweep, rst, fin, ack, rst-inside, fin-inside or ack-inside: send made-up segments to the target")
	closing := flag.String("answer-and-close", "", "serve one octet on this address:port")
	sources := flag.String("churn", "", "open and close connections to the target from these addresses, with a comma between them")
	device := flag.String("device", "", "flood: from this interface")
	links := flag.String("links", "", "flood: the target's and the sender's link-layer addresses, with a comma between them")
	perSecond := flag.Int("per-second", 0, "flood: so many at most, 0 for no limit; soak: so many")
	services := flag.Int("services", 280, "soak: so many")
	clients := flag.Int("clients", 65536, "soak: so many addresses")
	days := flag.Float64("soak", 0, "write a capture of so many days to standard output")
	flag.Parse()
	log.SetFlags(0)
	if *days > 0 {
		writeSoak(*days, *perSecond, *services, *clients)
	} else if *flooding != "" {
		flood(*flooding, *device, *target, *links, *count, *perSecond)
	} else if *closing != "" {
		answerAndClose(*closing)
	} else if *sources != "" {
		churn(*target, *sources, *count, *workers)
	} else if *rate > 0 {
		exhaust(*target, *rate)
	} else if *racers > 0 {
		race(*target, *racers, *timeout, *spread)
	} else if *listen != "" {
		serve(*listen, *idle, *delay, *body)
	} else {
		habits := habits{*count, *reuse, *yield, *patience, *unread, *post, *kept, *idleLimit, *http2, *apart, headers}
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
	count     int
	reuse     string
	yield     bool
	patience  time.Duration
	unread    bool
	post      int
	kept      int
	idleLimit time.Duration
	http2     bool
	apart     time.Duration
	headers   headers
}

type headers map[string]string

func (h headers) String() string { return fmt.Sprint(map[string]string(h)) }

func (h headers) Set(line string) error {
	name, value, found := strings.Cut(line, ": ")
	if !found {
		return fmt.Errorf("not NAME: VALUE")
	}
	h[name] = value
	return nil
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
		return &http.Transport{
			DisableKeepAlives:   h.reuse == "disabled",
			Dial:                dial,
			MaxIdleConnsPerHost: h.kept,
			IdleConnTimeout:     h.idleLimit,
			// The servers of tests have certificates that they made themselves.
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
			ForceAttemptHTTP2: h.http2,
		}
	}
	var own []*http.Client
	for worker := 0; worker < workers; worker++ {
		own = append(own, &http.Client{Transport: transport(), Timeout: h.patience})
	}
	shared := &http.Client{Transport: transport(), Timeout: h.patience}
	work := func(worker int) {
		defer working.Done()
		for i := 0; i < h.count; i++ {
			client := shared
			if h.reuse == "fresh" || h.reuse == "left" {
				client = &http.Client{Transport: transport(), Timeout: h.patience}
			} else if h.reuse == "own" {
				client = own[worker]
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
			go work(worker)
			time.Sleep(h.apart)
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

func (h habits) compose(url string) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if h.post > 0 {
		method, body = http.MethodPost, bytes.NewReader(make([]byte, h.post))
	}
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	for name, value := range h.headers {
		request.Header.Set(name, value)
	}
	return request, nil
}

// fetch reads the body to its end: before that the client neither uses the connection again nor closes it.
func (h habits) fetch(client *http.Client, url string) {
	request, err := h.compose(url)
	if err != nil {
		log.Fatal(err)
	}
	response, err := client.Do(request)
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
