// The state of a run that each event reads or writes, behind pointers.
//
// As stored properties of a class, every access would ask for exclusivity at run time (a sixth of
// a run), and every argument made of one would be a copy with a dozen counts to take. And a policy
// that asks for the time while the engine is in the middle of a step must not trap.

import NetScript
import NetSim
import NetStack

struct BenchState {
  var phase = Phase.declare
  var activity = Activity.script
  /// Set once something ends the run early: a runtime error, a limit, `stop`, `fail`.
  var ending: Ending?
  /// The simulation stands: measurements can be read.
  var isBuilt: Bool = false
  var tree = Tree()
  var words = WordTable()
  var stations = StationTable()
  var programs = ProgramTable()
  var errors = ErrorValues()
  var shapes = RecordShapes()
  /// Draws outside of tasks.
  var scriptDraws: RandomStream
  /// ip_id of frames that stations without a stack send.
  var datagramCount: UInt16 = 0
  /// What the predicate under evaluation has read so far; nil when nobody wants to know.
  var readLog: ReadSet?
  /// What the events of this instant touched.
  var touched = ReadSet()
  /// When each thing last made progress: the oracle's.
  var progress = ProgressTable()
  var verdicts = OracleCache()
  var watch = Watch()

  init(draws: RandomStream) { scriptDraws = draws }
}

extension Bench {
  public internal(set) var simulation: Simulation {
    unsafeAddress { UnsafePointer(simulationMemory) }
    unsafeMutableAddress { simulationMemory }
  }
  public internal(set) var context: Context {
    unsafeAddress { UnsafePointer(contextMemory) }
    unsafeMutableAddress { contextMemory }
  }
  public internal(set) var phase: Phase {
    _read { yield state.pointee.phase }
    _modify { yield &state.pointee.phase }
  }
  public internal(set) var activity: Activity {
    _read { yield state.pointee.activity }
    _modify { yield &state.pointee.activity }
  }
  public internal(set) var ending: Ending? {
    _read { yield state.pointee.ending }
    _modify { yield &state.pointee.ending }
  }
  public internal(set) var isBuilt: Bool {
    _read { yield state.pointee.isBuilt }
    _modify { yield &state.pointee.isBuilt }
  }
  var tree: Tree {
    _read { yield state.pointee.tree }
    _modify { yield &state.pointee.tree }
  }
  var words: WordTable {
    _read { yield state.pointee.words }
    _modify { yield &state.pointee.words }
  }
  var stations: StationTable {
    _read { yield state.pointee.stations }
    _modify { yield &state.pointee.stations }
  }
  var programs: ProgramTable {
    _read { yield state.pointee.programs }
    _modify { yield &state.pointee.programs }
  }
  var errors: ErrorValues {
    _read { yield state.pointee.errors }
    _modify { yield &state.pointee.errors }
  }
  var shapes: RecordShapes {
    _read { yield state.pointee.shapes }
    _modify { yield &state.pointee.shapes }
  }
  var scriptDraws: RandomStream {
    _read { yield state.pointee.scriptDraws }
    _modify { yield &state.pointee.scriptDraws }
  }
  var datagramCount: UInt16 {
    _read { yield state.pointee.datagramCount }
    _modify { yield &state.pointee.datagramCount }
  }
  public var readLog: ReadSet? {
    _read { yield state.pointee.readLog }
    _modify { yield &state.pointee.readLog }
  }
  public internal(set) var touched: ReadSet {
    _read { yield state.pointee.touched }
    _modify { yield &state.pointee.touched }
  }
  var progress: ProgressTable {
    _read { yield state.pointee.progress }
    _modify { yield &state.pointee.progress }
  }
  var verdicts: OracleCache {
    _read { yield state.pointee.verdicts }
    _modify { yield &state.pointee.verdicts }
  }
  var watch: Watch {
    _read { yield state.pointee.watch }
    _modify { yield &state.pointee.watch }
  }
}
