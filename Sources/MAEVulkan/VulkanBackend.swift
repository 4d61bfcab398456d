import MAECompute

/// A Vulkan device, in class `canonical-v1` when its arithmetic proves to be: then it has the bits of
/// ``ReferenceBackend``.
public struct VulkanBackend: ComputeBackend {
    private let pipelines: PipelineStore
    private let deviceClass: DeviceClass
    private let tiles: TileChoice

    /// Opens a device and probes its arithmetic.
    ///
    /// - Parameter index: the device's place in the loader's list, from 0.
    /// - Throws: ``ComputeError`` `unsupportedDevice` when there is no Vulkan loader, no such device, or one that cannot
    ///   run our shaders.
    public init(device index: Int = 0) throws(ComputeError) {
        try self.init(device: index, Vulkan(Calls()))
    }

    /// As ``init(device:)``, through a given connection.
    ///
    /// - Parameters:
    ///   - tiles: how the tile of linear layers is chosen.
    ///   - restrict: makes the device smaller than it is, or the float controls of its driver fewer.
    package init(
        device index: Int = 0, _ vulkan: Vulkan, tiles: TilePolicy = .automatic,
        restrict: (inout PhysicalDevice) -> Void = { _ in }
    ) throws(ComputeError) {
        let devices = try vulkan.instance.physicalDevices()
        guard devices.indices.contains(index) else {
            let found = devices.isEmpty ? "none was found" : "there are \(devices.count), numbered from 0"
            throw ComputeError(
                .unsupportedDevice,
                "no Vulkan device \(index): \(found); mae-worker --list-devices shows them, and --backend cpu needs none"
            )
        }
        var physical = devices[index]
        restrict(&physical)
        let device = try Device(physical, of: vulkan.instance)
        let questions = ProbeQuestions()
        var stores: [FusedForm: PipelineStore] = [:]
        deviceClass = try DeviceClass(trying: device.physical.arithmetic.forms) { form throws(ComputeError) in
            let store = try PipelineStore(form, on: device)
            stores[form] = store
            let answers = try ArrayRun.run(
                .probe, questions.operands, resultCount: questions.expected.count, on: store)
            return ProbeFindings(answers, to: questions)
        }
        // The form that was chosen is one of those asked.
        guard let chosen = stores[deviceClass.form] else { preconditionFailure("the chosen form was not probed") }
        pipelines = chosen
        self.tiles = TileChoice(tiles, on: chosen)
    }

    /// Whether this process left work on a device that may not have ended: then drivers can hold an orderly end for ever,
    /// and the process has to leave by `_exit`.
    public static var hasAbandonedWork: Bool { Instance.anyAbandoned.load(ordering: .acquiring) }

    /// Backend `vulkan`, with the device's own name, as its instruction set the form of fma, and as evidence how the
    /// probe went.
    public var description: BackendDescription {
        let physical = pipelines.device.physical
        let own = DeviceClass.own(
            driver: physical.driver, details: physical.driverDetails, device: physical.name,
            identity: physical.identity)
        return BackendDescription(
            backend: "vulkan", device: physical.name, instructionSet: "fma-\(deviceClass.form.rawValue)", threads: 1,
            numericClass: deviceClass.name(own: own),
            evidence: [deviceClass.evidence, physical.missingFloatControls(for: deviceClass.form)].compactMap(\.self)
                .joined(separator: "; "), ownClass: own)
    }

    /// The tile of linear layers, which the first large program may change.
    public var variant: String { tiles.current.name }

    /// Copies all weights to the device.
    public func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        try VulkanParameters(parameters, for: pipelines, tiles: tiles)
    }

    /// The tile of linear layers, as far as it is chosen.
    package var linearTile: ProductTile { tiles.current }

    /// Chooses the tile now, for products that nothing is added to.
    ///
    /// - Throws: ``ComputeError`` when the device is lost or hangs in the search.
    package func chooseTile() throws -> ProductTile { try tiles.tile(for: [.bare], work: .infinity) }

    /// What measures the device's rate of fused multiply-adds.
    package func fusedRate() throws(ComputeError) -> FusedRate { try FusedRate(on: pipelines) }

    /// Runs `functions.comp` on arrays; for tests.
    package func evaluate(function: UInt32, _ arrays: [[Float]]) throws(ComputeError) -> [Float] {
        try ArrayRun.run(.functions, constants: [function], arrays, resultCount: arrays[0].count, on: pipelines)
    }
}

/// A connection to the Vulkan drivers of this machine.
package struct Vulkan: Sendable {
    let instance: Instance

    /// Connects through the loader named `library`.
    ///
    /// - Parameters:
    ///   - calls: how calls are made; tests make some fail.
    ///   - validation: takes the messages of the validation layer, which is asked for then.
    package init(
        _ calls: Calls, validation: ValidationLog? = nil, library: String? = nil
    ) throws(ComputeError) {
        instance = try Instance(
            Library(name: library ?? Library.standardName), calls: calls, validation: validation)
    }
}

extension PhysicalDevice.Arithmetic {
    /// The forms of fma that shaders can be run in, the fastest first.
    fileprivate var forms: [FusedForm] {
        float64 ? [.native, .float64] : [.native]
    }
}
