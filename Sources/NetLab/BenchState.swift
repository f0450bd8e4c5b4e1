// The state of a run that each event reads or writes, behind pointers.
//
// As stored properties of a class, every access would ask for exclusivity at run time (a sixth of
// a run), and every argument made of one would be a copy with a dozen counts to take. And a policy
// that asks for the time while the engine is in the middle of a step must not trap.
// Tried and rejected: one record and `_read`; in debug builds it handed out stale memory.

import NetScript
import NetSim
import NetStack

/// Where each part lies. One owner, the bench, which also lets go of it.
struct BenchState {
  let phase: UnsafeMutablePointer<Phase>
  let activity: UnsafeMutablePointer<Activity>
  let ending: UnsafeMutablePointer<Ending?>
  let isBuilt: UnsafeMutablePointer<Bool>
  let isMidInstant: UnsafeMutablePointer<Bool>
  let isHalted: UnsafeMutablePointer<Bool>
  let isAttended: UnsafeMutablePointer<Bool>
  let simulation: UnsafeMutablePointer<Simulation>
  let context: UnsafeMutablePointer<Context>
  let tree: UnsafeMutablePointer<Tree>
  let stations: UnsafeMutablePointer<StationTable>
  let programs: UnsafeMutablePointer<ProgramTable>
  let errors: UnsafeMutablePointer<ErrorValues>
  let shapes: UnsafeMutablePointer<RecordShapes>
  let scriptDraws: UnsafeMutablePointer<RandomStream>
  let datagramCount: UnsafeMutablePointer<UInt16>
  let readLog: UnsafeMutablePointer<ReadSet?>
  let progress: UnsafeMutablePointer<ProgressTable>
  let verdicts: UnsafeMutablePointer<OracleCache>
  let watch: UnsafeMutablePointer<Watch>

  init(draws: RandomStream) {
    func place<Part>(_ part: Part) -> UnsafeMutablePointer<Part> {
      let memory = UnsafeMutablePointer<Part>.allocate(capacity: 1)
      memory.initialize(to: part)
      return memory
    }
    phase = place(Phase.declare)
    activity = place(Activity.script)
    ending = place(Ending?.none)
    isBuilt = place(false)
    isMidInstant = place(false)
    isHalted = place(false)
    isAttended = place(false)
    simulation = place(Simulation())
    context = place(Context())
    tree = place(Tree())
    stations = place(StationTable())
    programs = place(ProgramTable())
    errors = place(ErrorValues())
    shapes = place(RecordShapes())
    scriptDraws = place(draws)
    datagramCount = place(UInt16(0))
    readLog = place(ReadSet?.none)
    progress = place(ProgressTable())
    verdicts = place(OracleCache())
    watch = place(Watch())
  }

  func release() {
    func free<Part>(_ memory: UnsafeMutablePointer<Part>) {
      memory.deinitialize(count: 1)
      memory.deallocate()
    }
    free(phase)
    free(activity)
    free(ending)
    free(isBuilt)
    free(isMidInstant)
    free(isHalted)
    free(isAttended)
    free(simulation)
    free(context)
    free(tree)
    free(stations)
    free(programs)
    free(errors)
    free(shapes)
    free(scriptDraws)
    free(datagramCount)
    free(readLog)
    free(progress)
    free(verdicts)
    free(watch)
  }
}

extension Bench {
  var simulationMemory: UnsafeMutablePointer<Simulation> { state.simulation }
  public internal(set) var phase: Phase {
    unsafeAddress { UnsafePointer(state.phase) }
    unsafeMutableAddress { state.phase }
  }
  public internal(set) var activity: Activity {
    unsafeAddress { UnsafePointer(state.activity) }
    unsafeMutableAddress { state.activity }
  }
  /// Set once something ends the run early: a runtime error, a limit, `stop`, `fail`.
  public internal(set) var ending: Ending? {
    unsafeAddress { UnsafePointer(state.ending) }
    unsafeMutableAddress { state.ending }
  }
  /// The simulation stands: measurements can be read.
  public internal(set) var isBuilt: Bool {
    unsafeAddress { UnsafePointer(state.isBuilt) }
    unsafeMutableAddress { state.isBuilt }
  }
  /// The run stands behind an event whose instant is not over: nobody has looked yet.
  var isMidInstant: Bool {
    unsafeAddress { UnsafePointer(state.isMidInstant) }
    unsafeMutableAddress { state.isMidInstant }
  }
  /// Somebody wants the run to halt at the next event: a `pause`, whoever drives the bench.
  var isHalted: Bool {
    unsafeAddress { UnsafePointer(state.isHalted) }
    unsafeMutableAddress { state.isHalted }
  }
  public internal(set) var simulation: Simulation {
    unsafeAddress { UnsafePointer(state.simulation) }
    unsafeMutableAddress { state.simulation }
  }
  public internal(set) var context: Context {
    unsafeAddress { UnsafePointer(state.context) }
    unsafeMutableAddress { state.context }
  }
  var tree: Tree {
    unsafeAddress { UnsafePointer(state.tree) }
    unsafeMutableAddress { state.tree }
  }
  var stations: StationTable {
    unsafeAddress { UnsafePointer(state.stations) }
    unsafeMutableAddress { state.stations }
  }
  var programs: ProgramTable {
    unsafeAddress { UnsafePointer(state.programs) }
    unsafeMutableAddress { state.programs }
  }
  var errors: ErrorValues {
    unsafeAddress { UnsafePointer(state.errors) }
    unsafeMutableAddress { state.errors }
  }
  var shapes: RecordShapes {
    unsafeAddress { UnsafePointer(state.shapes) }
    unsafeMutableAddress { state.shapes }
  }
  /// Draws outside of tasks.
  var scriptDraws: RandomStream {
    unsafeAddress { UnsafePointer(state.scriptDraws) }
    unsafeMutableAddress { state.scriptDraws }
  }
  /// ip_id of frames that stations without a stack send.
  var datagramCount: UInt16 {
    unsafeAddress { UnsafePointer(state.datagramCount) }
    unsafeMutableAddress { state.datagramCount }
  }
  /// What the predicate under evaluation has read so far; nil when nobody wants to know.
  public var readLog: ReadSet? {
    unsafeAddress { UnsafePointer(state.readLog) }
    unsafeMutableAddress { state.readLog }
  }
  /// When each thing last made progress: the oracle's.
  var progress: ProgressTable {
    unsafeAddress { UnsafePointer(state.progress) }
    unsafeMutableAddress { state.progress }
  }
  var verdicts: OracleCache {
    unsafeAddress { UnsafePointer(state.verdicts) }
    unsafeMutableAddress { state.verdicts }
  }
  var watch: Watch {
    unsafeAddress { UnsafePointer(state.watch) }
    unsafeMutableAddress { state.watch }
  }
}
