// std/apps: traffic as kinds of the language, in scope everywhere.
//
// Sources are constants: nothing is read from a disk that a script did not name.

enum StdApps {
  static let source = #"""
    ## Traffic for the bench: sink, bulk, chatter and ping. Ordinary kinds: read them, copy them.

    ## A socket that listens on `port`. A port that is taken is a mistake in the script.
    fn listening(port, backlog = 5) {
        let door = socket(.tcp)
        let bound = door.bind(port)
        if failed(bound) { fail "port {port} cannot be bound: {bound}" }
        door.listen(backlog)
        return door
    }

    ## Takes what arrives on a port of `host`: TCP connections (any number) or UDP datagrams.
    ## `read = .never` accepts and then forgets; `read_every` rests before each read; `cost` is CPU
    ## time for each.
    kind sink(host: Node, tcp = none, udp = none, read = .fast, read_every = 0s, chunk = 8KiB,
              cost = 0s, priority = 100) {
        var received = 0B           # octets handed to the application
        var reads = 0               # how many reads that took

        fn progress() => received
        fn rate() => if now == 0s then 0bps else received / now

        task app {
            priority = priority

            # One read. False when this socket has nothing more to give.
            fn take(s) {
                if read_every > 0s { sleep(read_every) }
                if cost > 0s { compute(cost) }
                let got = s.read(chunk)
                if failed(got) { return false }
                if got == 0B and tcp != none { return false }
                received += got
                reads += 1
                return true
            }

            fn serve_tcp() {
                let door = listening(tcp)
                var open = []
                while true {
                    for s in select([door] + open).read {
                        if s == door {
                            let c = door.accept()
                            if not failed(c) and read != .never { open.push(c) }
                        } else if not take(s) {
                            open = filter(open, fn(other) => other != s)
                            s.close()
                        }
                    }
                }
            }

            fn serve_udp() {
                let s = socket(.udp)
                let bound = s.bind(udp)
                if failed(bound) { fail "port {udp} cannot be bound: {bound}" }
                while read == .never { sleep(1h) }
                while true { take(s) }
            }

            fn main() { if tcp != none { serve_tcp() } else { serve_udp() } }
        }
    }

    ## A sustained upload: `sessions` connections from `from` to `to`, each written to `write` at a
    ## time until `size` is through (`.endless`: for ever), and dialled again `retry` after an
    ## error. `cost` is CPU time before each write. The reading end is `end`; `read = .never` stops
    ## it reading.
    kind bulk(from: Node, to: Node, port = 20, sessions = 1, write = 2KiB, size = .endless,
              retry = 2s, read = .fast, cost = 0s, priority = 100) {
        var sent = 0B               # octets that write calls have taken
        var errors = 0              # connections that ended in an error

        sink end { host = to; tcp = port; read = read }

        fn progress() => end.received
        fn received() => end.received
        fn rate() => if now <= starts then 0bps else end.received / (now - starts)

        for i in 1..sessions {
            task writer[i] {
                host = from
                priority = priority

                # One connection to its end: none when all of `size` is written, else the error.
                fn upload(s) {
                    let dialled = s.connect(to, port)
                    if failed(dialled) { return dialled }
                    var left = size
                    while left != 0B {
                        if cost > 0s { compute(cost) }
                        let taken = s.write(if left == .endless then write else min(write, left))
                        if failed(taken) { return taken }
                        sent += taken
                        if left != .endless { left -= taken }
                    }
                    return none
                }

                fn main() {
                    while true {
                        let s = socket(.tcp)
                        let outcome = if failed(s) then s else upload(s)
                        if not failed(s) { s.close() }
                        if not failed(outcome) { return }
                        errors += 1
                        sleep(retry)
                    }
                }
            }
        }
    }

    ## UDP broadcasts to a port, as a room full of PCs makes them: `rate` in the mean, with
    ## exponential gaps; `size` is the payload and may be a distribution. They come from a station
    ## of their own on `lan`.
    kind chatter(lan: Node, rate: Freq = 40/s, size = uniform(90B, 600B), udp = 137, burst = 1) {
        var frames = 0
        host pcs { stack = .none; nic eth0 { lan = lan } }
        task talk {
            host = pcs
            fn main() {
                while true {
                    sleep(draw(exponential(burst / rate)))
                    for i in 1..burst {
                        pcs.eth0.send(frame(.udp, to = .broadcast, port = udp, len = draw(size)))
                    }
                    frames += burst
                }
            }
        }
    }

    ## Echo requests every `interval`. `rtt` is that of the last answer; `lost` counts requests that
    ## had none within `timeout`.
    kind ping(from: Node, to: Node, interval = 1s, size = 56B, timeout = 1s) {
        var answered = 0
        var lost = 0
        var rtt = none

        fn progress() => answered
        fn loss() => if answered + lost == 0 then 0% else lost / (answered + lost)

        task echo {
            host = from
            fn main() {
                let s = socket(.icmp)
                while true {
                    let began = now
                    s.sendto(to, 0, size)
                    let answer = s.recvfrom(2KiB, timeout = timeout)
                    if failed(answer) {
                        lost += 1
                    } else {
                        answered += 1
                        rtt = now - began
                    }
                    sleep(max(interval - (now - began), 0s))
                }
            }
        }
    }
    """#
}
