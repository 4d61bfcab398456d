/// When threads that take pieces of work from one counter are done: list scheduling (Graham, 1969), as the engine's pool does it.
enum ListSchedule {
    /// The time of steps that follow each other, each of which begins when all pieces of the one before are done.
    ///
    /// What threads wait for apart from the work is not in it: to wake, for memory that they share, and for clocks that fall under load.
    static func seconds(_ steps: [[Double]], threads: Int) -> Double {
        steps.reduce(0) { $0 + seconds(ofPieces: $1, threads: threads) }
    }

    /// The time of one step: each thread takes the next piece when it is done with its own.
    private static func seconds(ofPieces pieces: [Double], threads: Int) -> Double {
        var busyUntil = [Double](repeating: 0, count: max(threads, 1))
        for piece in pieces {
            guard let next = busyUntil.indices.min(by: { busyUntil[$0] < busyUntil[$1] }) else { break }
            busyUntil[next] += piece
        }
        return busyUntil.max() ?? 0
    }
}
