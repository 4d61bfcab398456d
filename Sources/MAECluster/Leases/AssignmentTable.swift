import MAEDomain

/// The assignments of a run, by the number of their lease.
///
/// There may be millions, and each stays until the run is over: a result that comes again is still known then. So each takes 16 bytes,
/// in blocks that are never copied to make room for more.
struct AssignmentTable: Sendable, RandomAccessCollection, MutableCollection {
    /// An assignment without what its place in the table and the run tell.
    struct Entry: Sendable {
        var row: Int32
        /// A slot from 0 on; -1 for an extra one; below, the node of a re-run.
        var place: Int32
        /// How often it was granted by this coordinator.
        var grants: UInt32
        /// The kind of state in the lowest three bits, and the node.
        var state: UInt32
    }

    private static let blockSize = 4096

    private var blocks: [[Entry]] = []
    private(set) var count = 0
    /// The epoch before the first grant.
    private let floor: Epoch

    /// An empty table of a coordinator whose grants have epochs above `floor`.
    init(floor: Epoch) { self.floor = floor }

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> Assignment {
        get {
            let entry = blocks[index / Self.blockSize][index % Self.blockSize]
            return Assignment(
                id: LeaseID(rawValue: index), row: Int(entry.row), place: Assignment.Place(entry.place),
                epoch: Epoch(rawValue: floor.rawValue + UInt64(entry.grants)), state: Assignment.State(entry.state))
        }
        set { blocks[index / Self.blockSize][index % Self.blockSize] = entry(newValue) }
    }

    /// Adds an assignment that was not granted yet, and returns its number.
    mutating func add(row: Int, at place: Assignment.Place) -> LeaseID {
        let id = LeaseID(rawValue: count)
        if count % Self.blockSize == 0 {
            blocks.append([])
            blocks[blocks.count - 1].reserveCapacity(Self.blockSize)
        }
        blocks[blocks.count - 1].append(entry(Assignment(id: id, row: row, place: place, epoch: floor)))
        count += 1
        return id
    }

    private func entry(_ assignment: Assignment) -> Entry {
        Entry(
            row: Int32(assignment.row), place: assignment.place.number,
            grants: UInt32(assignment.epoch.rawValue - floor.rawValue), state: assignment.state.number)
    }
}

extension Assignment.Place {
    fileprivate init(_ number: Int32) {
        switch number {
        case 0...: self = .slot(Int(number))
        case -1: self = .extra
        default: self = .node(NodeNumber(index: -2 - Int(number)))
        }
    }

    fileprivate var number: Int32 {
        switch self {
        case .slot(let slot): Int32(slot)
        case .extra: -1
        case .node(let node): Int32(-2 - node.index)
        }
    }
}

extension Assignment.State {
    fileprivate init(_ number: UInt32) {
        let node = NodeNumber(index: Int(number >> 3))
        switch number & 7 {
        case 0: self = .pending
        case 1: self = .leased(node)
        case 2: self = .storing(node)
        case 3: self = .done(node)
        default: self = .closed
        }
    }

    fileprivate var number: UInt32 {
        switch self {
        case .pending: 0
        case .leased(let node): UInt32(node.index) << 3 | 1
        case .storing(let node): UInt32(node.index) << 3 | 2
        case .done(let node): UInt32(node.index) << 3 | 3
        case .closed: 4
        }
    }
}
