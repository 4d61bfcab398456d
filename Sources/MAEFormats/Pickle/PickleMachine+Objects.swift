import MAETensor

extension PickleMachine {
    mutating func executeObjectOpcode(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .global: try push(try makeGlobal(module: try line(), name: try line()))
        case .stackGlobal:
            let name = try pop()
            let module = try pop()
            guard let name = text(name), let module = text(module) else {
                throw cursor.malformed("STACK_GLOBAL with a name that is no string.")
            }
            try push(try makeGlobal(module: Array(module.utf8), name: Array(name.utf8)))
        case .reduce:
            let arguments = try pop()
            try push(try call(try pop(), arguments))
        case .instance:
            let callable = try makeGlobal(module: try line(), name: try line())
            let start = try popMark()
            let arguments = try makeTuple(stack[start...])
            drop(from: start)
            try push(try makeObject(callable, arguments, isCall: true))
        case .object:
            let start = try popMark()
            guard start < stack.count else { throw cursor.malformed("OBJ without a class.") }
            let callable = stack[start]
            let arguments = try makeTuple(stack[(start + 1)...])
            drop(from: start)
            try push(try makeObject(callable, arguments, isCall: true))
        case .newObject:
            let arguments = try pop()
            try push(try makeObject(try pop(), arguments, isCall: false))
        case .newObjectEx:
            let keywords = try pop()
            let positional = try pop()
            try push(try makeObject(try pop(), try makeTuple([positional, keywords]), isCall: false))
        case .build: try build()
        case .extension1, .extension2, .extension4:
            throw CheckpointError(
                .unsupportedFormat, at: cursor.location,
                "the pickle names a class by a number of a private registry; save it with torch.save.")
        default: preconditionFailure("\(opcode) concerns no object")
        }
    }

    private mutating func makeGlobal(module: [UInt8], name: [UInt8]) throws(CheckpointError) -> PickleSlot {
        guard let module = String(validating: module, as: UTF8.self), let name = String(validating: name, as: UTF8.self)
        else { throw cursor.malformed("The name of a class is not UTF-8.") }
        try takeMemory(PickleCost.name(module.utf8.count) + PickleCost.name(name.utf8.count))
        // Names of any length may be asked for any number of times.
        try takeSteps((module.utf8.count + name.utf8.count) >> 3)
        if module == "torch", DType.torchNames.contains(name) {
            heap.names.append(name)
            return .dtype(heap.names.count - 1)
        }
        heap.globals.append(PickleGlobal(module: module, name: name))
        functions.append(KnownFunction(PickleGlobal(module: module, name: name)))
        return .global(heap.globals.count - 1)
    }

    /// An object that stands for `callable(*arguments)`, or for an empty object of the class `callable`.
    mutating func makeObject(
        _ callable: PickleSlot, _ arguments: PickleSlot, isCall: Bool
    ) throws(CheckpointError) -> PickleSlot {
        switch callable {
        case .global, .object: break
        default: throw cursor.malformed("A call of something that is no class and no function.")
        }
        guard case .tuple = arguments else { throw cursor.malformed("The arguments of a call are no tuple.") }
        try takeMemory(PickleCost.room(PickleHeap.Object.self) + PickleCost.container)
        heap.objects.append(.init(callable: callable, arguments: arguments, isCall: isCall))
        return .object(heap.objects.count - 1)
    }

    private mutating func build() throws(CheckpointError) {
        let state = try pop()
        switch try top() {
        case .object(let index):
            guard heap.objects[index].state == nil else { throw cursor.malformed("An object gets a second state.") }
            heap.objects[index].state = state
        case .dictionary(let index):
            guard heap.dictionaries[index].state == nil else {
                throw cursor.malformed("A dictionary gets a second state.")
            }
            heap.dictionaries[index].state = state
        default: throw cursor.malformed("BUILD on something that has no attributes.")
        }
    }

    /// The elements of a tuple, copied.
    mutating func copiedElements(of tuple: Int) throws(CheckpointError) -> [PickleSlot] {
        // One tuple may be the arguments of any number of calls.
        try takeSteps(heap.tuples.count(of: tuple))
        return Array(heap.tuples[tuple])
    }

    /// The result of a call where it is one of the few understood here, otherwise an object that stands for it.
    mutating func call(_ callable: PickleSlot, _ arguments: PickleSlot) throws(CheckpointError) -> PickleSlot {
        if case .global(let name) = callable, case .tuple(let list) = arguments,
            let function = functions[name], let result = try evaluate(function, argumentsIn: list)
        {
            return result
        }
        return try makeObject(callable, arguments, isCall: true)
    }
}
