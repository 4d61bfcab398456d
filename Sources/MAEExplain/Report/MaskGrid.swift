import MAEModel
import MAEReport
import MAEText
import MAEVerify

/// The patches that each call keeps of the first image, drawn as the image lies.
enum MaskGrid {
    /// Empty when nothing was computed, or no call removes a patch.
    static func section(_ explanation: Explanation) -> String {
        guard let prediction = explanation.prediction else { return "" }
        let names = explanation.callLabels
        let grids = prediction.calls.enumerated().map { draw, result in
            let model = explanation.models[explanation.calls[draw]]
            let selection = result.selection
            return PatchGrid(
                caption: "\(names[draw]): draw \(draw), mask_ratio \(model.ratioText)",
                columns: model.checkpoint.configuration.values.patchGrid.width,
                isKept: selection.slots.prefix(selection.patches).map { $0 >= 0 })
        }
        return PatchGrid.section("Which patches each call keeps of the first image", grids)
    }
}
