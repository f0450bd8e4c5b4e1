// A `drill` is read, gets its station and its two tasks, and tells how it stands.

import NetScript
import NetSim
import NetStack
import Wire

extension Bench {
  /// Reads the script: mistakes in it are found before time 0.
  func checkDrill(_ id: NodeID) {
    guard let input = inputFile(of: id) else { return }
    let file = SourceFile(
      id: SourceFileID(rawValue: 0), name: input.name, octets: input.octets)
    let (script, mistakes) = DrillParser.parse(file, defines: drillDefines(id))
    if let first = mistakes.first {
      let line = file.line(at: first.primary.span.start)
      return reportFile(
        "`\(input.path)`, line \(line): \(first.title)", "`netsh pkt \(input.path)` shows it",
        of: input.field)
    }
    var record = DrillRecord(script, file, node: id)
    record.host = nodeField(id, .host, [.host]) ?? .none
    record.refusesRest = !flag(id, .trailing)
    let level = word(id, .strictness)
    record.strictness = DrillStrictness.allCases.first { $0.word == level } ?? .strict
    programs.drills.append(record)
    guard record.host != .none else { return }
    applyFirstSettings(programs.drills.count - 1)
    applyMTU(programs.drills.count - 1)
  }

  /// `#ifdef FreeBSD`: what a script is told to be run on.
  private func drillDefines(_ id: NodeID) -> [String] {
    guard let list = ownField(id, words.symbol(.defines)).flatMap({ vm.list($0) }) else {
      return ["FreeBSD"]
    }
    return list.compactMap { $0.asSymbol }.map { name($0) }
  }

  /// `--mtu`, which counts for the host's interface.
  private func applyMTU(_ number: Int) {
    let drill = programs.drills[number]
    let mtu = drill.script.options.mtu
    guard mtu != DrillOptions().mtu, let linkNode = nodeField(drill.node, .lan, [.lan, .link]),
      let schema = Schema.field(.mtu, of: .nic), let span = tree[drill.node].span
    else { return }
    guard schema.range.contains(Int64(mtu)) else {
      let place = drill.script.events.first?.span
      programs.drills[number].outcome = .unsupported(
        "an MTU of \(mtu)", place ?? SourceSpan(file: drill.file.id, start: 0, end: 0))
      return
    }
    for child in tree[drill.host].children where tree[child].role == .builtin(.nic) {
      guard nodeField(child, .lan, [.lan, .link]) == linkNode else { continue }
      store(
        FieldValue(
          name: words.symbol(.mtu), value: .int(Int64(mtu)), layer: .commandLine, span: span),
        in: child)
    }
  }

  /// The station from which the script's packets come, and the host's way to it: like packetdrill's
  /// it stands behind a gateway, in no network of the host's, unless the script says otherwise.
  func addDrill(_ id: NodeID) {
    guard let number = programs.drills.firstIndex(where: { $0.node == id }),
      let linkNode = nodeField(id, .lan, [.lan, .link]),
      let station = self.station(of: programs.drills[number].host), station.stack >= 0,
      let own = station.attachments.first(where: { $0.link == tree[linkNode].object })
    else { return reportDrill(id) }
    let link = tree[linkNode].object
    stations.hostsOnLink[Int(link)] += 1
    let place = UInt8(truncatingIfNeeded: stations.hostsOnLink[Int(link)])
    let mac = MACAddress(rawValue: 0x0200_FD00_0000 | UInt64(number & 0xFFFF))
    var end = StationConfiguration.Attachment(link: link, mac: mac)
    end.address = IPv4Address(rawValue: own.address.rawValue & 0xFFFF_FF00 | UInt32(place))
    end.answersARP = true
    end.inbox = 65_536
    end.outbox = 1024
    var configuration = StationConfiguration()
    configuration.attachments = [end]
    let built = simulation.addHost(configuration, &context)
    stations.records.append(StationRecord(node: id, host: built.host, stack: -1))
    tree[id].host = built.host
    programs.drills[number].port = built.ports[0]
    programs.drills[number].mac = mac
    programs.drills[number].targetMAC = own.mac
    programs.drills[number].target = own.address
    programs.drills[number].station = station.host
    programs.drills[number].stack = station.stack
    let options = programs.drills[number].script.options
    programs.drills[number].remote = options.isNeighbour ? end.address : options.remoteAddress
    if !options.isNeighbour {
      _ = simulation.addRoute(
        host: station.host, to: options.remoteAddress, prefixLength: 32, by: end.address, &context)
    }
    programs.drills[number].player = addDrillTask(id, number, on: built.host, calls: false)
    programs.drills[number].caller = addDrillTask(id, number, on: station.host, calls: true)
    tree[id].object = programs.drills[number].player
  }

  private func reportDrill(_ id: NodeID) {
    guard let span = tree[id].span else { return }
    diagnostics.append(
      Diagnostic(
        code: "N463", title: "`\(path(of: id))` needs a host with a stack, and a nic of it",
        at: span, help: "`host = …; lan = …` in its block"))
  }

  private func addDrillTask(_ id: NodeID, _ number: Int, on host: Int32, calls: Bool) -> Int32 {
    let task = simulation.addProgram(host: host, priority: 100)
    while stations.tasks.count <= Int(task) { stations.tasks.append(.none) }
    stations.tasks[Int(task)] = id
    while programs.places.count <= Int(task) { programs.places.append(0) }
    var program = ProgramRecord(
      node: id, task: task, main: -1,
      draws: RandomStream(seed: plan.seed, path: path(of: id), purpose: "draw"))
    program.drill = number
    program.makesDrillCalls = calls
    program.starts = Instant(nanoseconds: startTime(of: id))
    program.isActive = startsActive(id)
    programs.records.append(program)
    programs.places[Int(task)] = Int32(programs.records.count)
    return task
  }

  func measureDrill(_ id: NodeID, _ word: Word) -> Value? {
    guard let drill = programs.drills.first(where: { $0.node == id }) else { return nil }
    note(.anything)
    switch word {
    case .passed: return .bool(drill.outcome.isPassed)
    case .reason:
      switch drill.outcome {
      case .running, .passed: return Value.none
      case .failed(let failure): return vm.makeString(failure.title)
      case .unsupported(let what, _): return vm.makeString("not supported: \(what)")
      }
    case .finished: return .bool(drill.outcome.isOver)
    case .line:
      var span = drill.next < drill.script.events.count ? drill.script.events[drill.next].span : nil
      if case .failed(let failure) = drill.outcome { span = failure.span }
      if case .unsupported(_, let place) = drill.outcome { span = place }
      return .int(span.map { drill.file.line(at: $0.start) } ?? 0)
    default: return nil
    }
  }
}
