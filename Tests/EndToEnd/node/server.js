// Node's HTTP server as it comes: node server.js ADDRESS PORT
const http = require("http");

const [address, port] = process.argv.slice(2);
http.createServer((request, response) => response.end("hello\n")).listen(Number(port), address);
