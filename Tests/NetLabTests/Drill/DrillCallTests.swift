// Socket calls, commands and code of packetdrill scripts.

import NetLab
import Testing

@Suite("Packetdrill scripts, their calls and commands")
struct DrillCallTests {
  @Test(
    "a call that blocks returns at its time",
    arguments: [
      ("+0...0.1 read(4, ..., 100) = 100", "passed"),
      ("+0...0.05 read(4, ..., 100) = 100", "8: the call returns too late"),
      ("+0...0.2 read(4, ..., 100) = 100", "8: the call returns too early"),
      ("+0...0.1 read(4, ..., 100) = 99", "8: `read` returned 100, not 99"),
      ("+0 read(4, ..., 100) = 100", "8: the call blocks"),
    ])
  func blocking(_ call: String, _ result: String) {
    #expect(outcome(drillAccept + call + "\n+.1 < P. 1:101(100) ack 1 win 32767\n") == result)
  }

  @Test("a call that never returns fails when its time is over")
  func neverReturns() {
    #expect(
      outcome(drillAccept + "+0...0.1 read(4, ..., 100) = 100\n") == "8: the call has not returned")
  }

  @Test("the next call waits for one that blocks")
  func nextWaits() {
    #expect(
      outcome(
        drillAccept + """
          +0...0.1 read(4, ..., 100) = 100
          +.1 < P. 1:101(100) ack 1 win 32767
          +0 read(4, ..., 100) = -1 EAGAIN
          """) == "10: the call blocks")
  }

  @Test("a descriptor that does not block fails with EAGAIN, by either name")
  func nonblocking() {
    #expect(
      outcome(
        drillAccept + """
          +0 fcntl(4, F_GETFL) = 0x02 (flags O_RDWR)
          +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0
          +0 read(4, ..., 100) = -1 EWOULDBLOCK (Operation would block)
          +0 read(4, ..., 100) = -1 EAGAIN
          +0 fcntl(4, F_GETFL) = 0x06
          +0 read(9, ..., 100) = -1 EBADF
          """) == "passed")
  }

  @Test("SOCK_NONBLOCK counts from the beginning")
  func bornNonblocking() {
    #expect(
      outcome(
        """
        0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
        +0 fcntl(3, F_GETFL) = 0x06
        +0 connect(3, ..., ...) = -1 EINPROGRESS
        """) == "passed")
  }

  @Test(
    "poll tells what is ready, or waits for it",
    arguments: [
      ("+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1", "passed"),
      ("+0 poll([{fd=4, events=POLLIN, revents=0}], 1, 0) = 0", "passed"),
      ("+0...0.1 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 500) = 1", "passed"),
      ("+0...0.05 poll([{fd=4, events=POLLIN, revents=0}], 1, 50) = 0", "passed"),
      (
        "+0 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 0",
        "8: `revents` is 0, not 1"
      ),
    ])
  func poll(_ call: String, _ result: String) {
    #expect(outcome(drillAccept + call + "\n+.1 < P. 1:101(100) ack 1 win 32767\n") == result)
  }

  @Test("options of sockets are set, and what they are is compared")
  func options() {
    #expect(
      outcome(
        drillAccept + """
          +0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=5}, 8) = 0
          +0 setsockopt(4, IPPROTO_TCP, TCP_NODELAY, [1], 4) = 0
          +0 getsockopt(4, IPPROTO_TCP, TCP_NODELAY, [1], [4]) = 0
          +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [0], [4]) = 0
          +0 getsockopt(4, IPPROTO_TCP, TCP_MAXSEG, [1459], [4]) = 0
          """) == "12: `TCP_MAXSEG` is 1460, not 1459")
  }

  @Test("an error that waits at the socket is read by its name, once")
  func socketError() {
    #expect(
      outcome(
        drillAccept + """
          +0 < R. 1:1(0) ack 1 win 32767
          +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0
          +0 getsockopt(4, SOL_SOCKET, SO_ERROR, [ECONNRESET], [4]) = 0
          """) == "10: `SO_ERROR` is 0, not ECONNRESET")
  }

  @Test("what the stack cannot do is named, never passed")
  func unsupported() {
    let commands = [
      ("+0 `ls -l`", "8: not supported: the command `ls -l`"),
      (
        "+0 `sysctl -w net.inet.tcp.cc.algorithm=cubic`",
        "8: not supported: the command `sysctl -w net.inet.tcp.cc.algorithm=cubic`"
      ),
      ("+0 epoll_create(1) = 5", "8: not supported: `epoll_create`"),
      ("+0 %{ print(tcpi_rtt) }%", "8: not supported: `print(tcpi_rtt)`"),
    ]
    for (line, result) in commands { #expect(outcome(drillAccept + line + "\n") == result) }
  }

  @Test("sysctl lines before the first event build the host; later ones change it")
  func settings() {
    let before = "`sysctl -w net.inet.tcp.recvspace=30000`\n" + drillAccept
    let read = "+0 getsockopt(3, SOL_SOCKET, SO_RCVBUF, [30000], [4]) = 0\n"
    #expect(outcome(before + read) == "passed")
    let later = "+0 `sysctl -w net.inet.tcp.recvspace=20000`\n"
    let fresh = """
      +0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5
      +0 getsockopt(5, SOL_SOCKET, SO_RCVBUF, [20000], [4]) = 0
      """
    #expect(outcome(before + later + fresh) == "passed")
    let structure = "+0 `sysctl -w net.inet.tcp.sack.enable=0`\n+0 close(4) = 0\n"
    #expect(
      outcome(drillAccept + structure)
        == "8: not supported: `net.inet.tcp.sack.enable` in the middle of a run")
  }

  @Test("sockstat and tcpdrop ask and change the stack's own table")
  func connections() {
    #expect(
      outcome(
        drillAccept + """
          +0 `sockstat -4 -P tcp -s | grep packetdril | grep -c ESTABLISHED | grep 1`
          +0 `sockstat -4 -P tcp -p 8080 -s | grep -c LISTEN | grep 1`
          +0 `tcpdrop -s ESTABLISHED`
          +0 > R. 1:1(0) ack 1
          +0 `sockstat -s -P tcp -p 8080 | grep 'packetdril' | awk '{print $8}' | grep 'CLOSED'`
          +0 `sockstat -4 -P tcp -s | grep -c ESTABLISHED | grep 1`
          """)
        == "13: the command fails: `sockstat -4 -P tcp -s | grep -c ESTABLISHED | grep 1`")
  }

  @Test("assertions about tcp_info are compared, others are not understood")
  func code() {
    #expect(outcome(drillAccept + "+0 %{ assert tcpi_state == TCPI_ESTABLISHED }%\n") == "passed")
    #expect(
      outcome(drillAccept + "+0 %{ assert tcpi_snd_mss == 1460 and tcpi_state != 4, 'no' }%\n")
        == "8: `assert tcpi_snd_mss == 1460 and tcpi_state != 4, 'no'` does not hold: "
        + "`tcpi_snd_mss` is 1460, `tcpi_state` is 4")
  }
}
