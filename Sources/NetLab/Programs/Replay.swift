// `replay NAME { file = "…"; lan = … }`: the frames of a capture, put on a medium at their times.
//
// They come from a station of their own without a stack. Its one task sends frame after frame and
// sleeps in between, so starting, stopping and checkpoints are those of any task.

import NetScript
import NetSim
import NetStack
import Wire

/// A capture that is played.
struct ReplayRecord {
  var node: NodeID
  var port: Int32 = -1
  /// The file, and its frames; never changed, so that checkpoints share them.
  let octets: [UInt8]
  let frames: [CaptureFile.Frame]
  /// The next frame; when the first was due.
  var next = 0
  var began = Instant.never
  var drops: Int64 = 0
}

extension Bench {
  /// Reads the files of all replays: mistakes in them are found before time 0.
  func checkReplay(_ id: NodeID) {
    guard let input = inputFile(of: id) else { return }
    do throws(CaptureFile.Mistake) {
      let file = try CaptureFile(reading: input.octets)
      programs.replays.append(ReplayRecord(node: id, octets: input.octets, frames: file.frames))
    } catch {
      reportFile(
        "`\(input.path)` is no capture that can be replayed: \(error.text)", of: input.field)
    }
  }

  /// A station on the replay's medium, and the task that plays.
  func addReplay(_ id: NodeID) {
    guard let place = programs.replays.firstIndex(where: { $0.node == id }),
      let linkNode = nodeField(id, .lan, [.lan, .link])
    else { return }
    let link = tree[linkNode].object
    var configuration = StationConfiguration()
    // No frame is addressed to it: it has none of the lan's addresses.
    let mac = MACAddress(rawValue: 0x0200_FF00_0000 | UInt64(place & 0xFFFF))
    configuration.attachments = [StationConfiguration.Attachment(link: link, mac: mac)]
    configuration.attachments[0].inbox = 0
    let station = simulation.addHost(configuration, &context)
    let record = StationRecord(node: id, host: station.host, stack: -1)
    stations.records.append(record)
    programs.replays[place].port = station.ports[0]
    tree[id].host = station.host
    let task = simulation.addProgram(host: station.host, priority: 100)
    tree[id].object = task
    while stations.tasks.count <= Int(task) { stations.tasks.append(.none) }
    stations.tasks[Int(task)] = id
    while programs.places.count <= Int(task) { programs.places.append(0) }
    var program = ProgramRecord(
      node: id, task: task, main: -1,
      draws: RandomStream(seed: plan.seed, path: path(of: id), purpose: "draw"))
    program.replay = place
    program.starts = Instant(nanoseconds: startTime(of: id))
    program.isActive = startsActive(id)
    programs.records.append(program)
    programs.places[Int(task)] = Int32(programs.records.count)
  }

  /// The player has the CPU: what is due goes out, then it sleeps until the next is.
  func playOn(_ place: Int) {
    let task = programs.records[place].task
    let replay = programs.records[place].replay
    let starts = programs.records[place].starts
    if starts > simulation.now {
      return simulation.submit(.sleep(starts - simulation.now), for: task, &context)
    }
    if programs.replays[replay].began == .never {
      programs.replays[replay].began = simulation.now
      programs.replays[replay].next = 0
    }
    while programs.replays[replay].next < programs.replays[replay].frames.count {
      let record = programs.replays[replay]
      let frame = record.frames[record.next]
      let due = record.began + TimeSpan(nanoseconds: frame.nanoseconds)
      if due > simulation.now {
        return simulation.submit(.sleep(due - simulation.now), for: task, &context)
      }
      let isSent = record.octets[frame.octets].withUnsafeBytes { octets in
        simulation.send(octets, from: record.port, &context)
      }
      if !isSent { programs.replays[replay].drops += 1 }
      programs.replays[replay].next += 1
    }
    programs.records[place].isActive = false
    endReplay(place)
  }

  /// After a stop, too: the next start plays from the beginning.
  func endReplay(_ place: Int) {
    let task = programs.records[place].task
    programs.replays[programs.records[place].replay].began = .never
    programs.records[place].isStopping = false
    simulation.submit(.end, for: task, &context)
    if programs.records[place].startsAgain {
      programs.records[place].startsAgain = false
      simulation.start(task)
    }
  }

  func measureReplay(_ id: NodeID, _ word: Word) -> Value? {
    guard let replay = programs.replays.first(where: { $0.node == id }) else { return nil }
    note(.anything)
    switch word {
    case .frames: return .int(Int64(replay.frames.count))
    case .sent: return .int(Int64(replay.next) - replay.drops)
    case .drops: return .int(replay.drops)
    default: return nil
    }
  }
}
