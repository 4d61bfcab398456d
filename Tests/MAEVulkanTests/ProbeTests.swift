import ComputeTestSupport
import MAECompute
import MAEEngine
import MAETensor
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("The probe", .onDevice, .underValidation)
struct ProbeTests {
    private let questions = ProbeQuestions()

    @Test("Mesa's processor driver is refused as it is and accepted with emulated fusing")
    func lavapipe() throws {
        let description = try TestDevice.backend.get().description
        #expect(description.backend == "vulkan")
        #expect(description.device.contains("llvmpipe"))
        #expect(description.instructionSet == "fma-float64")
        #expect(description.numericClass == NumericClass.canonical)
        let evidence = try #require(description.evidence)
        #expect(evidence.hasPrefix("the probe passes in the float64 form of fma, not in the native form"))
        #expect(evidence.contains("fused multiply-add"))
    }

    @Test(
        "a driver that promises neither rounding nor zeros is asked all the same, and joins if its answers are right",
        arguments: [1, 5])
    func weakDriver(driver: Int) throws {
        _ = try TestDevice.backend.get()
        let backend = try VulkanBackend(TestDevice.open(), restrict: ShaderTests.weakDrivers[driver])
        let engine = try Engine(backend)
        #expect(engine.description.numericClass == NumericClass.canonical, "\(engine.classReason)")
        #expect(engine.classReason.contains("its driver does not promise"), "\(engine.classReason)")
        var random = SplitMix(seed: 1)
        var example = Case()
        let input = example.input(random.matrix(33, 140))
        let id = example.parameters.add(
            LinearParameters(weights: [random.matrix(40, 140)], biases: [random.vector(40)]))
        example.output(rows: 33, columns: 40) {
            .linear(input: input, parameters: id, activation: .gelu, residual: nil, output: $0)
        }
        #expect(try example.run(on: backend) == example.run(on: ReferenceBackend()))
    }

    @Test("a device without 64-bit numbers is in a class of its own when its fma is not fused")
    func without64Bits() throws {
        _ = try TestDevice.backend.get()
        let engine = try Engine(VulkanBackend(TestDevice.open()) { $0.arithmetic.float64 = false })
        // The probe's name, and the digest of the answers, which differ too.
        let name = engine.description.numericClass
        #expect(
            name.wholeMatch(of: /vulkan-llvmpipe-llvmpipe-[a-z0-9-]+-[0-9a-f]{8}-unfused-[0-9a-f]{8}/) != nil, "\(name)"
        )
        #expect(engine.classReason.hasPrefix("the probe fails"), "\(engine.classReason)")
    }

    @Test("right answers are accepted, NaNs of any payload among them")
    func right() {
        #expect(ProbeFindings(questions.expected, to: questions).fault == nil)
        let answers = questions.expected.map { $0.isNaN ? Float(bitPattern: 0xFFC0_0001) : $0 }
        #expect(ProbeFindings(answers, to: questions).fault == nil)
    }

    /// A device that errs: which answers it changes, and what it is then called.
    struct Erring: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: ProbeFindings.Fault
        let answer: @Sendable (ProbeQuestions.Question, _ a: Float, _ b: Float, _ c: Float, Float) -> Float
    }

    private static func flushed(_ value: Float) -> Float { value.isSubnormal ? 0 : value }

    static let erring: [Erring] = [
        Erring(testDescription: "fma rounds twice", fault: .unfused) { question, a, b, c, right in
            question == .fma ? a * b + c : right
        },
        Erring(testDescription: "fma passes through float64", fault: .unfused) { question, a, b, c, right in
            question == .fma ? Float(Double(a) * Double(b) + Double(c)) : right
        },
        Erring(testDescription: "product and sum are contracted", fault: .contracting) { question, a, b, c, right in
            question == .productAndSumApart ? CanonicalMath.fma(a, b, c) : right
        },
        Erring(testDescription: "sums are rounded towards zero", fault: .contracting) { question, a, b, _, right in
            guard question == .sum, right.isFinite, Double(right).magnitude > (Double(a) + Double(b)).magnitude else {
                return right
            }
            return right > 0 ? right.nextDown : right.nextUp
        },
        Erring(testDescription: "division is one unit off", fault: .deviating) { question, _, _, _, right in
            question == .division && right.isNormal ? right.nextUp : right
        },
        Erring(testDescription: "fma ends at the largest number", fault: .unfused) { question, a, b, c, right in
            let isOverflow = right.isInfinite && a.isFinite && b.isFinite && c.isFinite
            return question == .fma && isOverflow ? (right > 0 ? 1 : -1) * .greatestFiniteMagnitude : right
        },
        Erring(testDescription: "sums end at the largest number", fault: .contracting) { question, a, b, _, right in
            let isOverflow = right.isInfinite && a.isFinite && b.isFinite
            return question == .sum && isOverflow ? (right > 0 ? 1 : -1) * .greatestFiniteMagnitude : right
        },
        Erring(testDescription: "products end at the largest number", fault: .contracting) { question, a, b, _, right in
            let isOverflow = right.isInfinite && a.isFinite && b.isFinite
            return question == .productBesideFMA && isOverflow
                ? (right > 0 ? 1 : -1) * .greatestFiniteMagnitude : right
        },
        Erring(testDescription: "chains begin with their first product", fault: .unfused) { question, _, b, _, right in
            question == .chain && b.isZero && right.isZero ? -0.0 : right
        },
        Erring(testDescription: "NaN is less than anything", fault: .deviating) { question, a, b, c, right in
            question == .selection ? (a >= b ? a : c) : right
        },
        Erring(testDescription: "zero below zero is a maximum", fault: .deviating) { question, a, _, _, right in
            question == .rectified ? (a > 0 || a.isZero ? a : 0) : right
        },
        Erring(testDescription: "zero below zero loses a sign", fault: .deviating) { question, a, _, _, right in
            question == .rectified && a.isZero ? 0 : right
        },
        Erring(testDescription: "what is above zero keeps a sign", fault: .deviating) { question, a, _, _, right in
            question == .positivePart && a.isZero ? a : right
        },
        Erring(testDescription: "results are flushed", fault: .flushing) { _, _, _, _, right in flushed(right) },
        Erring(testDescription: "operands of sums are flushed", fault: .flushing) { question, a, b, _, right in
            question == .sum ? flushed(a) + flushed(b) : right
        },
    ]

    @Test("a device that errs is told what it does", arguments: erring)
    func mutations(_ device: Erring) throws {
        let answers = questions.expected.enumerated().map { index, right in
            let triple = index % ProbeQuestions.count
            let question = ProbeQuestions.Question.allCases[index / ProbeQuestions.count]
            let operands = questions.operands.map { $0[triple] }
            return device.answer(question, operands[0], operands[1], operands[2], right)
        }
        let findings = ProbeFindings(answers, to: questions)
        #expect(findings.fault == device.fault)
        let found = try DeviceClass(trying: FusedForm.allCases) { form throws(ComputeError) in
            form == .native ? findings : ProbeFindings(questions.expected, to: questions)
        }
        #expect(found.form == .float64 && found.fault == nil && found.refusals.count == 1)
        #expect(found.name(own: "vulkan-d-x") == NumericClass.canonical)
        let lost = try DeviceClass(trying: FusedForm.allCases) { _ throws(ComputeError) in findings }
        #expect(lost.form == .native && lost.refusals.count == 2)
        #expect(lost.evidence.hasPrefix("the probe fails") && lost.evidence.contains(findings.text))
        #expect(lost.name(own: "vulkan-d-x") == "vulkan-d-x-\(device.fault.rawValue)")
    }

    @Test(
        "two devices share no name of a class, be they of one name, or of names equal as far as they are shown"
    )
    func classNames() {
        let texts = ["NVIDIA", "550.54", "GeForce RTX 4090 (Ada, long name)", "uuid-1"]
        func own(_ texts: [String]) -> String {
            DeviceClass.own(driver: texts[0], details: texts[1], device: texts[2], identity: texts[3])
        }
        let name = own(texts)
        #expect(name.wholeMatch(of: /vulkan-nvidia-geforce-rtx-4090-ada-lon-[0-9a-f]{8}/) != nil, "\(name)")
        #expect(own(texts) == name)
        for index in texts.indices {
            var others = texts
            others[index] += " 2"
            #expect(own(others) != name)
        }
        #expect(own(["NVIDIA", "550.5", "4GeForce RTX 4090 (Ada, long name)", "uuid-1"]) != name)
    }
}
