import MAETensor
import Testing

@testable import MAEModel

@Suite("Patch selection")
struct PatchSelectionTests {
    private let noise = Tensor(shape: [2, 5], elements: [0.3, 0.1, 0.5, 0.2, 0.4, 0.9, 0.8, 0.7, 0.6, 0.5])

    @Test("the patches with the smallest noise are kept, and listed by ascending index")
    func keepsTheSmallest() {
        let selection = PatchSelection(noise: noise, keeping: 2)
        #expect(selection.shuffled == [1, 3, 0, 4, 2, 4, 3, 2, 1, 0])
        #expect(selection.restore == [2, 0, 4, 1, 3, 4, 3, 2, 1, 0])
        #expect(selection.ascending == [1, 3, 3, 4])
        #expect(selection.slots == [-1, 0, -1, 1, -1, -1, -1, -1, 0, 1])
        #expect(selection.mask.elements == [1, 0, 1, 0, 1, 1, 1, 1, 0, 0])
        #expect(!selection.isAscending)
    }

    @Test("equal noise keeps the order of the patches, NaN comes last")
    func tiesAndNaN() {
        let ties = Tensor(shape: [1, 5], elements: [0.5, .nan, 0.5, 0.1, .nan])
        #expect(PatchSelection(noise: ties, keeping: 3).shuffled == [3, 0, 2, 1, 4])
    }

    @Test("nothing and everything can be kept", arguments: [0, 5])
    func extremes(kept: Int) {
        let selection = PatchSelection(noise: noise, keeping: kept)
        #expect(selection.ascending.count == 2 * kept)
        #expect(selection.mask.elements.allSatisfy { $0 == (kept == 0 ? 1 : 0) })
        #expect(selection.slots == (kept == 0 ? Array(repeating: -1, count: 10) : [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]))
    }

    @Test("tokens return in the order of the noise, CLS first")
    func noiseOrder() {
        let selection = PatchSelection(noise: noise, keeping: 3)
        // Image 0 keeps 1, 3, 0; image 1 keeps 4, 3, 2. Tokens carry 10·image + patch, CLS carries −1.
        let tokens = Tensor(shape: [2, 4, 1], elements: [-1, 0, 1, 3, -1, 12, 13, 14])
        #expect(selection.inNoiseOrder(tokens).elements == [-1, 1, 3, 0, -1, 14, 13, 12])
    }

    @Test("in the order of the noise, tokens are computed as PyTorch returns them")
    func computesInNoiseOrder() {
        let selection = PatchSelection(noise: noise, keeping: 3, order: .noise)
        #expect(selection.tokenPatches == [1, 3, 0, 4, 3, 2])
        #expect(selection.ascending == [0, 1, 3, 2, 3, 4])
        let tokens = Tensor(shape: [2, 4, 1], elements: [-1, 1, 3, 0, -1, 14, 13, 12])
        #expect(selection.inNoiseOrder(tokens).elements == tokens.elements)
    }

    @Test("both ways between the orders lead back", arguments: [0, 3, 5])
    func ordersAreInverse(kept: Int) {
        let selection = PatchSelection(noise: noise, keeping: kept)
        let tokens = Tensor(shape: [2, kept + 1, 2], elements: (0..<4 * (kept + 1)).map(Float.init))
        #expect(selection.inComputedOrder(selection.inNoiseOrder(tokens)).elements == tokens.elements)
        #expect(selection.inNoiseOrder(selection.inComputedOrder(tokens)).elements == tokens.elements)
    }
}
