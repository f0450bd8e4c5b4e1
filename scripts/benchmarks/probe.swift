// What no command shows by itself: an event's price in the queue, and a checkpoint's. Linked with the
// objects of a release build by `scripts/bench core`.
//
//     probe events PENDING            ns of a pop, a push and half a cancelled one
//     probe checkpoint SCRIPT         us to keep a moment, and to go on from it, at 10 s

import NetLab
import NetScript
import NetSim
import NetStack

#if canImport(Glibc)
  import Glibc
#endif

func cpuNanoseconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// The least of seven.
func least(_ body: () -> Double) -> Double { (0..<7).map { _ in body() }.min() ?? 0 }

/// Every second event has been cancelled by the time it comes up: its generation is an old one, and
/// whoever takes it looks at that and goes on. So the engine cancels.
func events(pending: Int) -> Double {
  var queue = EventQueue()
  var draw: UInt64 = 88_172_645_463_325_252
  func delay() -> Int64 {
    draw ^= draw << 13
    draw ^= draw >> 7
    draw ^= draw << 17
    return Int64(draw & 0xF_FFFF)
  }
  var generations = [UInt32](repeating: 0, count: 1024)
  for _ in 0..<pending {
    queue.schedule(.wake, at: Instant(nanoseconds: delay()), Int32(draw >> 54), generation: 0)
  }
  let rounds = 1_000_000
  var stale = 0
  let price = least {
    let start = cpuNanoseconds()
    for round in 0..<rounds {
      let now = queue.next
      let event = queue.pop()
      if event.generation != generations[Int(event.object)] { stale += 1 }
      if round & 1 == 0 { generations[Int(event.object)] &+= 1 }
      let at = Instant(nanoseconds: now.nanoseconds + delay())
      queue.schedule(
        .wake, at: at, event.object, generation: generations[Int(event.object)])
    }
    return (cpuNanoseconds() - start) / Double(rounds)
  }
  precondition(stale > 0)
  return price
}

func file(_ path: String) -> [UInt8] {
  guard let handle = fopen(path, "r") else { fatalError("there is no \(path)") }
  defer { fclose(handle) }
  var octets: [UInt8] = []
  while case let octet = getc(handle), octet != EOF { octets.append(UInt8(octet)) }
  return octets
}

func checkpoint(script: String) -> (kept: Double, restored: Double, firstSteps: Double) {
  let planned = Planner.plan(name: script, octets: file(script), loader: NoFiles())
  let bench = Bench(planned.runs[0])
  precondition(bench.prepare() && !bench.run(until: Instant(nanoseconds: 10_000_000_000)))
  var moment = bench.checkpoint()
  let kept = least {
    let start = cpuNanoseconds()
    for _ in 0..<100 { moment = bench.checkpoint() }
    return (cpuNanoseconds() - start) / 100
  }
  let restored = least {
    let start = cpuNanoseconds()
    for _ in 0..<100 { bench.restore(moment) }
    return (cpuNanoseconds() - start) / 100
  }
  // A hundred events more: by then each host has copied what it shares with the moment.
  func goOn(from event: Int64) -> Double {
    let start = cpuNanoseconds()
    _ = bench.run(until: Halt(event: event))
    return cpuNanoseconds() - start
  }
  let firstSteps = least {
    bench.restore(moment)
    let event = bench.simulation.events
    let first = goOn(from: event + 100)
    // What is no longer shared: restored, kept by nobody else, a hundred events on.
    return first - goOn(from: event + 200)
  }
  return (kept, restored, firstSteps)
}

final class NoFiles: Loader {
  func load(_ path: String, from importer: String) -> LoadedSource {
    .missing(title: "nothing is imported here", help: nil)
  }
}

@main
enum Probe {
  static func main() {
    let words = CommandLine.arguments
    switch words.dropFirst().first {
    case "events": print("ns=\(events(pending: Int(words[2]) ?? 10_000))")
    case "checkpoint":
      let price = checkpoint(script: words[2])
      print("keep=\(price.kept / 1e3) restore=\(price.restored / 1e3) copy=\(price.firstSteps / 1e3)")
    default: exit(2)
    }
  }
}
