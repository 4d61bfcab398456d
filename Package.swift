// swift-tools-version: 6.1
import PackageDescription

// The rooms of the project and who may import whom: docs/architecture.md draws the same table.

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let sqlite = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let sqliteLibrary = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")

let package = Package(
    name: "mae-cluster",
    products: [
        .executable(name: "mae-coord", targets: ["mae-coord"]),
        .executable(name: "mae-worker", targets: ["mae-worker"]),
        .executable(name: "mae-bench", targets: ["mae-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CProtobufC", providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CDeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSpng", providers: [.apt(["libspng-dev"])]),
        .systemLibrary(name: "CTurboJPEG", providers: [.apt(["libturbojpeg0-dev"])]),

        // C of our own.
        .target(name: "CMAEDemo"),
        .target(name: "CMAEDigests"),
        .target(name: "CMAEFiles"),
        .target(name: "CMAEKernels"),
        .target(name: "CMAEShaders", exclude: ["compile", "shaders", "generated/tools.txt"]),
        .target(name: "CMAEThreads"),
        .target(name: "CMAEWire", dependencies: ["CProtobufC"]),
        .target(name: "CTorchRandom"),
        // Needs Debian's libvulkan-dev for its headers; the library is looked for at run time.
        .target(name: "CVulkan"),

        // The engine, from the bottom up.
        .target(name: "MAEFiles", dependencies: ["CMAEFiles", system]),
        .target(name: "MAEText"),
        .target(name: "MAEThreads", dependencies: ["CMAEThreads"]),
        .target(name: "MAETensor", dependencies: ["CCrypto", "CMAEDigests", "MAEFiles"]),
        .target(name: "MAEDomain", dependencies: ["MAETensor"]),
        .target(name: "TorchRandom", dependencies: ["CTorchRandom", "MAETensor"]),
        .target(
            name: "MAEFormats",
            dependencies: ["CDeflate", "CZlib", "MAEDomain", "MAEFiles", "MAETensor", "MAEText", "MAEThreads", system]),
        .target(
            name: "MAECheckpoint",
            dependencies: ["MAEContent", "MAEDomain", "MAEFiles", "MAEFormats", "MAETensor", "MAEText", "TorchRandom"]),
        .target(name: "CMAEDoubles"),
        .target(name: "MAECompute", dependencies: ["CMAEDoubles", "MAETensor", "MAEThreads"]),
        .target(name: "MAECPU", dependencies: ["MAECompute", "CMAEKernels", "CMAEThreads"]),
        .target(
            name: "MAEVulkan",
            dependencies: ["CMAEShaders", "CVulkan", "MAECompute", "MAEFiles", "MAETensor"]),
        .target(name: "MAEModel", dependencies: ["MAECheckpoint", "MAECompute", "MAEDomain", "TorchRandom"]),
        .target(
            name: "MAEEngine",
            dependencies: [
                "MAECPU", "MAECheckpoint", "MAECompute", "MAEContent", "MAEDomain", "MAEFormats", "MAEModel",
                "MAETensor", "MAEThreads", "MAEVulkan", "TorchRandom",
            ],
            plugins: ["SourceDigest"]),
        .plugin(name: "SourceDigest", capability: .buildTool(), path: "Sources/SourceDigest"),
        // Above the engine, so that no worker is linked with libraries for pictures.
        .target(
            name: "MAEPictures",
            dependencies: [
                "CSpng", "CTurboJPEG", "MAECheckpoint", "MAECompute", "MAEContent", "MAEEngine", "MAEFiles",
                "MAEFormats", "MAETensor", "MAEText", "MAEThreads",
            ]),

        // The cluster.
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "MAEThreads"]),
        .target(name: "MAEHTTP", dependencies: ["MAEThreads"]),
        .target(name: "MAEContent", dependencies: ["MAEFiles", "MAETensor", "MAEThreads"]),
        .target(name: "MAEWire", dependencies: ["CMAEWire", "CProtobufC", "MAEContent", "MAEDomain", "MAETensor"]),
        .target(name: "MAECluster", dependencies: ["MAEDomain", heap]),
        .target(name: "MAEKeys", dependencies: ["MAEDomain", "MAEFiles", "ZeroMQ"]),
        .target(name: "MAEVerify", dependencies: ["MAEDomain", "MAETensor", "MAEText"]),
        .target(
            name: "MAEStore",
            dependencies: ["MAEDomain", "MAEFiles", "MAETensor", "MAEVerify", sqlite, sqliteLibrary]),
        .target(
            name: "MAECoordinator",
            dependencies: [
                "MAECluster", "MAEContent", "MAEDomain", "MAEFiles", "MAEKeys", "MAEStore", "MAETensor", "MAEText",
                "MAEThreads", "MAEVerify", "MAEWire", "ZeroMQ", deque, logging,
            ]),
        .target(
            name: "MAEWorker",
            dependencies: [
                "MAECPU", "MAECheckpoint", "MAECluster", "MAECompute", "MAEContent", "MAEDomain", "MAEEngine",
                "MAEFiles", "MAEFormats", "MAEKeys", "MAEModel", "MAETensor", "MAEText", "MAEThreads", "MAEWire",
                "ZeroMQ",
                logging,
            ]),
        .target(
            name: "MAEReport", dependencies: ["MAEDomain", "MAEText", "MAEVerify"],
            resources: [.embedInCode("Runbook/runbook.md")]),

        .target(
            name: "MAERun",
            dependencies: [
                "MAECheckpoint", "MAECluster", "MAECompute", "MAEContent", "MAECoordinator", "MAEDomain", "MAEEngine",
                "MAEExplain", "MAEFiles", "MAEFormats", "MAEKeys", "MAEModel", "MAEPictures", "MAEStore", "MAETensor",
                "MAEText", "MAEThreads", "MAEVerify", "ZeroMQ", logging,
            ]),
        .target(name: "MAERecording", dependencies: ["MAEFormats", "MAETensor"]),
        .target(
            name: "MAEExplain",
            dependencies: [
                "CMAEDemo", "MAECheckpoint", "MAECompute", "MAEDomain", "MAEEngine", "MAEFiles", "MAEFormats",
                "MAEModel", "MAEPictures", "MAERecording", "MAEReport", "MAETensor", "MAEText", "MAEVerify",
                "TorchRandom",
            ]),

        // Night after night.
        .target(name: "CMAECurl"),
        .target(
            name: "MAEAlarms",
            dependencies: [
                "CMAECurl", "MAEDomain", "MAEFiles", "MAEStore", "MAETensor", "MAEText", "MAEThreads", "MAEVerify",
            ]),
        .target(
            name: "MAENight",
            dependencies: [
                "MAECheckpoint", "MAEDomain", "MAEFiles", "MAEStore", "MAETensor", "MAEText", "MAEVerify", yaml,
            ]),
        .target(
            name: "MAEHistory",
            dependencies: ["MAEDomain", "MAEReport", "MAEStore", "MAETensor", "MAEText", "MAEVerify", mustache],
            resources: [.embedInCode("Pages/series.mustache")]),

        // The commands.
        .target(
            name: "MAECommand",
            dependencies: ["MAECPU", "MAECompute", "MAEEngine", "MAEFiles", "MAEText", "ZeroMQ", arguments, logging]),
        .executableTarget(
            name: "mae-coord",
            dependencies: [
                "MAECPU", "MAECheckpoint", "MAECluster", "MAECommand", "MAECompute", "MAEContent", "MAECoordinator",
                "MAEAlarms", "MAEDomain", "MAEEngine", "MAEExplain", "MAEFiles", "MAEFormats", "MAEHTTP", "MAEHistory",
                "MAEKeys", "MAENight", "MAEPictures",
                "MAEReport", "MAERun", "MAEStore", "MAETensor", "MAEText", "MAEThreads", "MAEVerify", "MAEWire",
                "ZeroMQ",
                arguments, logging,
            ]),
        .target(
            name: "MAEWorkerCommand",
            dependencies: [
                "MAECluster", "MAECommand", "MAECompute", "MAEContent", "MAEDomain", "MAEEngine", "MAEFiles", "MAEKeys",
                "MAEText", "MAEThreads", "MAEWire", "MAEWorker", "ZeroMQ", arguments, logging,
            ]),
        .executableTarget(name: "mae-worker", dependencies: ["MAEEngine", "MAEWorkerCommand", arguments]),
        .executableTarget(
            name: "mae-bench",
            dependencies: [
                "MAEDomain", "MAECPU", "MAECheckpoint", "MAECluster", "MAECommand", "MAECompute", "MAEContent",
                "MAECoordinator",
                "MAEEngine", "MAEFormats", "MAEKeys", "MAEModel", "MAEStore", "MAETensor", "MAEThreads", "MAEVerify",
                "MAEVulkan", "MAEWire", "MAEWorker", "TorchRandom", "ZeroMQ", arguments, logging,
            ]),

        // Tests.
        .target(name: "TestSupport", path: "Tests/Support"),
        .target(
            name: "ComputeTestSupport", dependencies: ["TestSupport", "MAECompute", "MAETensor"],
            path: "Tests/ComputeSupport"),
        .testTarget(name: "MAETextTests", dependencies: ["MAEText"]),
        .testTarget(name: "MAEThreadsTests", dependencies: ["MAEThreads"]),
        .testTarget(name: "MAEFilesTests", dependencies: ["TestSupport", "MAEFiles"]),
        .testTarget(name: "MAETensorTests", dependencies: ["TestSupport", "MAETensor"]),
        .testTarget(name: "TorchRandomTests", dependencies: ["TestSupport", "MAETensor", "TorchRandom"]),
        .testTarget(name: "MAEFormatsTests", dependencies: ["TestSupport", "MAEFiles", "MAEFormats", "MAETensor"]),
        .testTarget(
            name: "MAECheckpointTests",
            dependencies: ["TestSupport", "MAECheckpoint", "MAEDomain", "MAEFiles", "MAEFormats", "MAETensor"]),
        .testTarget(
            name: "MAEComputeTests", dependencies: ["ComputeTestSupport", "TestSupport", "MAECompute", "MAETensor"]),
        .testTarget(
            name: "MAECPUTests",
            dependencies: ["ComputeTestSupport", "TestSupport", "CMAEKernels", "MAECPU"]),
        .target(name: "AllocationCounting", path: "Tests/AllocationCounting"),
        .testTarget(
            name: "MAEModelTests",
            dependencies: [
                "AllocationCounting", "ComputeTestSupport", "TestSupport", "MAECPU", "MAECheckpoint", "MAECompute",
                "MAEDomain", "MAEEngine", "MAEFormats", "MAEModel", "MAETensor",
            ]),
        .testTarget(
            name: "MAEPicturesTests",
            dependencies: ["TestSupport", "MAEEngine", "MAEFormats", "MAEPictures", "MAETensor"]),
        .testTarget(
            name: "MAEVulkanTests",
            dependencies: [
                "ComputeTestSupport", "TestSupport", "MAECheckpoint", "MAECompute", "MAEEngine", "MAEModel",
                "MAETensor",
                "MAEVulkan",
            ]),
        .testTarget(name: "ZeroMQTests", dependencies: ["TestSupport", "ZeroMQ"]),
        .testTarget(name: "MAEHTTPTests", dependencies: ["TestSupport", "MAEHTTP"]),
        .testTarget(name: "MAEContentTests", dependencies: ["TestSupport", "MAEContent", "MAEFiles", "MAETensor"]),
        .target(
            name: "WireTestSupport", dependencies: ["TestSupport", "MAEContent", "MAEDomain", "MAETensor", "MAEWire"],
            path: "Tests/WireSupport"),
        .testTarget(
            name: "MAEKeysTests", dependencies: ["TestSupport", "MAEDomain", "MAEKeys", "ZeroMQ"]),
        .testTarget(
            name: "MAEWireTests",
            dependencies: [
                "TestSupport", "WireTestSupport", "CMAEWire", "CProtobufC", "MAEContent", "MAEDomain", "MAETensor",
                "MAEWire",
            ]),
        .testTarget(
            name: "ShellTests",
            dependencies: [
                "ComputeTestSupport", "TestSupport", "MAECPU", "MAECheckpoint", "MAECluster", "MAEContent",
                "MAECoordinator", "MAEDomain", "MAEEngine", "MAEKeys", "MAEStore", "MAETensor", "MAEVerify", "MAEWire",
                "MAEWorker", "ZeroMQ", logging, sqlite,
            ]),
        .testTarget(
            name: "MAERunTests",
            dependencies: [
                "TestSupport", "VerifyTestSupport", "MAECluster", "MAECoordinator", "MAEDomain", "MAEEngine", "MAEKeys",
                "MAEReport", "MAERun", "MAEStore", "MAETensor", "MAEThreads", "MAEVerify", "MAEWire", "MAEWorker",
                "ZeroMQ", logging,
            ]),
        .testTarget(name: "MAEClusterTests", dependencies: ["TestSupport", "MAECluster", "MAEDomain"]),
        .target(
            name: "VerifyTestSupport",
            dependencies: ["MAECoordinator", "MAEDomain", "MAEStore", "MAETensor", "MAEVerify", "MAEWire"],
            path: "Tests/VerifySupport"),
        .testTarget(
            name: "MAEVerifyTests",
            dependencies: ["TestSupport", "VerifyTestSupport", "MAEDomain", "MAEReport", "MAEText", "MAEVerify"]),
        .testTarget(
            name: "MAEStoreTests",
            dependencies: [
                "TestSupport", "VerifyTestSupport", "MAEDomain", "MAEReport", "MAEStore", "MAETensor", "MAEVerify",
                sqlite,
            ]),
        .testTarget(
            name: "MAEReportTests",
            dependencies: ["TestSupport", "VerifyTestSupport", "MAEDomain", "MAEReport", "MAEText"]),
        .testTarget(
            name: "MAERecordingTests", dependencies: ["TestSupport", "MAEFormats", "MAERecording", "MAETensor"]),
        .testTarget(
            name: "MAEExplainTests",
            dependencies: [
                "TestSupport", "MAECheckpoint", "MAEDomain", "MAEExplain", "MAEFormats", "MAERecording", "MAETensor",
                "MAEVerify",
            ]),
        .testTarget(
            name: "MAEAlarmsTests",
            dependencies: ["TestSupport", "VerifyTestSupport", "MAEAlarms", "MAEDomain", "MAEVerify"]),
        .testTarget(
            name: "MAENightTests",
            dependencies: [
                "TestSupport", "VerifyTestSupport", "MAEDomain", "MAENight", "MAEStore", "MAEVerify",
            ]),
        .testTarget(
            name: "MAEHistoryTests",
            dependencies: [
                "TestSupport", "VerifyTestSupport", "MAEDomain", "MAEHistory", "MAEStore", "MAETensor", "MAEVerify",
                sqlite,
            ]),
        .target(
            name: "FaultTestSupport",
            dependencies: ["MAECPU", "MAECheckpoint", "MAECompute", "MAEEngine", "MAETensor", "MAEVulkan"],
            path: "Tests/FaultSupport"),
        // No product: releases have no such program.
        .executableTarget(
            name: "faulty-worker", dependencies: ["FaultTestSupport", "MAEEngine", "MAEWorkerCommand", arguments],
            path: "Tests/FaultyWorker"),
        .testTarget(
            name: "FaultPlantingTests",
            dependencies: ["FaultTestSupport", "TestSupport", "MAECPU", "MAECompute", "MAEEngine", "MAETensor"]),
        .target(name: "ProcessTestSupport", dependencies: ["TestSupport"], path: "Tests/ProcessSupport"),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "ProcessTestSupport", "TestSupport", "WireTestSupport", "mae-coord", "mae-worker", "MAEDomain",
                "MAEWire",
                "ZeroMQ", sqlite,
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "FaultTestSupport", "ProcessTestSupport", "TestSupport", "VerifyTestSupport",
                "faulty-worker", "mae-coord", "mae-worker", "mae-bench", "MAECPU", "MAECommand", "MAECompute",
                "MAECoordinator", "MAEFormats", "MAEHTTP",
                "MAEKeys", "MAERun", "MAEStore", "MAETensor", "MAEText", "MAEVerify", "ZeroMQ", logging,
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)

// Links with libFuzzer alone, so it is made only for Tests/Fuzz/run.
if Context.environment["MAE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "mae-fuzz",
            dependencies: [
                "WireTestSupport", "MAECheckpoint", "MAEFiles", "MAEFormats", "MAEPictures", "MAERecording",
                "MAETensor",
                "MAEWire",
            ],
            path: "Tests/Fuzz", exclude: ["run"]))
}
