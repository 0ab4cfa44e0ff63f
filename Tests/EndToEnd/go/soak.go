package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"log"
	"math/rand"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// A soak writes a capture of many days to standard output as fast as it is read: a pcap file in which connections come
// and go without end. What the capture holds is told on standard error at the end.
type soak struct {
	out         *bufio.Writer
	random      *rand.Rand
	now         int64 // nanoseconds of the capture
	step        int64
	connections int
	first       map[string]int
	packets     int
	failed      error
	services    uint32
	clients     uint32
}

// A talk is a connection under way.
type talk struct {
	client, server         uint32
	port, service          uint16
	clientNext, serverNext uint32
	rounds                 int
	stage                  int
	ending                 string
}

// writeSoak writes `days` of packets, `perSecond` of them in a second of the capture, of as many connections at a time.
func writeSoak(days float64, perSecond, services, clients int) {
	s := &soak{
		out:    bufio.NewWriterSize(os.Stdout, 1<<20),
		random: rand.New(rand.NewSource(1)),
		now:    1_700_000_000_000_000_000,
		step:   int64(time.Second) / int64(perSecond),
		first:  map[string]int{},

		services: uint32(services),
		clients:  uint32(clients),
	}
	header := make([]byte, 24)
	for at, word := range []uint32{0xa1b23c4d, 4<<16 | 2, 0, 0, 65535, 1} {
		binary.LittleEndian.PutUint32(header[at*4:], word)
	}
	s.out.Write(header)
	end := s.now + int64(days*24*float64(time.Hour))
	talks := []*talk{}
	// Told to stop, it opens no more: what was begun comes to its end.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	for s.failed == nil && (s.now < end || len(talks) > 0) {
		select {
		case <-stop:
			end = s.now
		default:
		}
		for s.now < end && len(talks) < perSecond {
			talks = append(talks, s.open())
		}
		chosen := s.random.Intn(len(talks))
		if !s.advance(talks[chosen]) {
			talks[chosen] = talks[len(talks)-1]
			talks = talks[:len(talks)-1]
		}
	}
	if err := s.out.Flush(); err != nil || s.failed != nil {
		log.Fatal("soak: ", err, s.failed)
	}
	fmt.Fprintf(os.Stderr, `{"packets": %d, "connections": %d, "client": %d, "server": %d, "none": %d}`+"\n",
		s.packets, s.connections, s.first["client"], s.first["server"], s.first["none"])
}

func (s *soak) open() *talk {
	s.connections++
	number := uint32(s.connections)
	t := &talk{
		// No name comes again within an hour.
		client: 0x0a000000 + number*0x9e3779b1>>8%s.clients, server: 0x0a800001 + number%s.services%7,
		port: uint16(1024 + number/s.services%60000), service: uint16(8000 + number%s.services/7),
		clientNext: s.random.Uint32(), serverNext: s.random.Uint32(), rounds: 1 + s.random.Intn(8),
	}
	if s.random.Intn(50) == 0 { // Their numbers wrap around.
		t.clientNext, t.serverNext = 0xffffff00+uint32(s.random.Intn(256)), 0xfffff800
	}
	switch at := s.random.Intn(100); {
	case at < 55:
		t.ending = "server"
	case at < 88:
		t.ending = "client"
	case at < 93:
		t.ending = "reset"
	case at < 97:
		t.ending = "refused"
	default:
		t.ending = "unanswered"
	}
	switch t.ending {
	case "reset":
		s.first["client"]++
	case "refused", "unanswered":
		s.first["none"]++
	default:
		s.first[t.ending]++
	}
	return t
}

const soakRequest = "GET / HTTP/1.1\r\nHost: soak\r\n\r\n"
const soakAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// advance sends the next segment; false when there is none.
func (s *soak) advance(t *talk) bool {
	t.stage++
	switch t.stage {
	case 1:
		s.send(t, true, syn, "")
		t.clientNext++
		return t.ending != "unanswered"
	case 2:
		if t.ending == "refused" {
			s.send(t, false, rst|ack, "")
			return false
		}
		s.send(t, false, syn|ack, "")
		t.serverNext++
		return true
	case 3:
		s.send(t, true, ack, "")
		return true
	}
	at := t.stage - 4
	if at < 2*t.rounds {
		if at%2 == 0 {
			s.send(t, true, ack, soakRequest)
			t.clientNext += uint32(len(soakRequest))
		} else {
			s.send(t, false, ack, soakAnswer)
			t.serverNext += uint32(len(soakAnswer))
		}
		return true
	}
	if t.ending == "reset" {
		s.send(t, true, rst|ack, "")
		return false
	}
	closer := t.ending == "client"
	switch at - 2*t.rounds {
	case 0:
		s.send(t, closer, fin|ack, "")
		t.count(closer)
	case 1:
		s.send(t, !closer, fin|ack, "")
		t.count(!closer)
	default:
		s.send(t, closer, ack, "")
		return false
	}
	return true
}

func (t *talk) count(client bool) {
	if client {
		t.clientNext++
	} else {
		t.serverNext++
	}
}

func (s *soak) send(t *talk, fromClient bool, flags byte, payload string) {
	s.now += s.step/2 + s.random.Int63n(s.step)
	s.packets++
	var frame [16 + headersLen]byte
	record, packet := frame[:16], frame[16:]
	binary.LittleEndian.PutUint32(record, uint32(s.now/int64(time.Second)))
	binary.LittleEndian.PutUint32(record[4:], uint32(s.now%int64(time.Second)))
	binary.LittleEndian.PutUint32(record[8:], uint32(headersLen+len(payload)))
	binary.LittleEndian.PutUint32(record[12:], uint32(headersLen+len(payload)))
	binary.BigEndian.PutUint16(packet[12:], etherTypeIP4)
	ip, tcp := packet[14:34], packet[34:]
	copy(ip, []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0})
	binary.BigEndian.PutUint16(ip[2:], uint16(40+len(payload)))
	source, target, from, to := t.client, t.server, t.port, t.service
	own, other := t.clientNext, t.serverNext
	if !fromClient {
		source, target, from, to, own, other = target, source, to, from, other, own
	}
	if flags&ack == 0 {
		other = 0
	}
	binary.BigEndian.PutUint32(ip[12:], source)
	binary.BigEndian.PutUint32(ip[16:], target)
	binary.BigEndian.PutUint16(tcp, from)
	binary.BigEndian.PutUint16(tcp[2:], to)
	binary.BigEndian.PutUint32(tcp[4:], own)
	binary.BigEndian.PutUint32(tcp[8:], other)
	copy(tcp[12:20], []byte{0x50, flags, 0xfd, 0xe8, 0, 0, 0, 0})
	if _, err := s.out.Write(frame[:]); err != nil {
		s.failed = err
	}
	if _, err := s.out.WriteString(payload); err != nil {
		s.failed = err
	}
}
