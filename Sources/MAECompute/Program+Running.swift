import MAETensor

extension Program {
    /// Refuses tensors and tables that do not fit the program: what every backend checks before a run.
    package func check(inputs: [Tensor], indexTables tables: [[Int32]]) throws {
        guard inputs.count == self.inputs.count, tables.count == indexTables.count else {
            throw ComputeError(
                .invalidInput, "the program takes \(self.inputs.count) inputs and \(indexTables.count) index tables")
        }
        for (buffer, tensor) in zip(self.inputs, inputs) where tensor.count != self[buffer].count {
            throw ComputeError(
                .invalidInput, "an input of shape \(tensor.shape) was given for \(self[buffer].count) elements")
        }
        for (count, table) in zip(indexTables, tables) where table.count != count {
            throw ComputeError(.invalidInput, "an index table of \(table.count) entries was given for \(count)")
        }
        try checkIndices(tables)
    }

    /// Every index is used to address memory, so each must lie inside what it addresses.
    private func checkIndices(_ tables: [[Int32]]) throws {
        for operation in operations {
            switch operation {
            case .gatherPatches(_, let kept, let geometry, _):
                try check(tables[kept.index], within: 0..<Int32(geometry.patchCount))
            case .restoreTokens(let tokens, let slots, _, _, let images, _):
                try check(tables[slots.index], within: -1..<Int32(self[tokens].rows / images - 1))
            default:
                continue
            }
        }
    }

    private func check(_ table: [Int32], within range: Range<Int32>) throws {
        guard table.allSatisfy(range.contains) else {
            throw ComputeError(.invalidInput, "a patch index lies outside \(range)")
        }
    }

    /// Walks through the operations with cancellation, progress and taps: the loop of every host-driven backend.
    package func forEachOperation(
        control: RunControl, _ body: (Operation) throws -> Void, value: (BufferID) throws -> Tensor
    ) throws {
        var nextTap = 0
        func observe(upTo position: Int) throws {
            guard let observer = control.observer else { return }
            while nextTap < taps.count, taps[nextTap].position <= position {
                observer(taps[nextTap], try value(taps[nextTap].buffer))
                nextTap += 1
            }
        }
        var layers = taps[...]
        func report(_ done: Int) {
            guard let progress = control.progress else { return }
            // An operation belongs to the layer whose output is the next to be looked at.
            layers = layers.drop { $0.position <= done }
            progress(RunProgress(done: done, total: operations.count, layer: layers.first?.name))
        }
        for (index, operation) in operations.enumerated() {
            if control.isCancelled?() == true {
                throw ComputeError(.cancelled, "the run was cancelled after \(index) of \(operations.count) steps")
            }
            try observe(upTo: index)
            report(index)
            try body(operation)
        }
        report(operations.count)
        try observe(upTo: operations.count)
    }
}
