import MAETensor

extension CheckpointTensor {
    /// The same tensor, each element multiplied with that of `mask` when it is read.
    ///
    /// Throws ``CheckpointError/Code/contradiction`` when the shapes differ.
    package func multiplied(by mask: CheckpointTensor) throws(CheckpointError) -> CheckpointTensor {
        guard mask.shape == shape else {
            throw CheckpointError(
                .contradiction, at: location,
                "of shape \(shape) has a mask of shape \(mask.shape). Save the pruned model again.")
        }
        var product = self
        product.masks.append(mask)
        return product
    }

    /// `tensor` times the masks, element by element.
    ///
    /// The product of fp32 is PyTorch's. In another type PyTorch rounds the product to that type, which only masks of
    /// zeros and ones leave without effect; others throw ``CheckpointError/Code/unsupportedFormat``.
    func applyingMasks(to tensor: Tensor) throws(CheckpointError) -> Tensor {
        var product = tensor
        for mask in masks {
            let factors = try mask.tensor()
            if dtype != .float32 {
                let isPlain = factors.withUnsafeElements { $0.allSatisfy { $0 == 0 || $0 == 1 } }
                guard isPlain else {
                    throw CheckpointError(
                        .unsupportedFormat, at: mask.location,
                        "masks weights in \(dtype.rawValue) with other numbers than 0 and 1. Make the weights plain with "
                            + "torch.nn.utils.prune.remove(module, 'weight') and save the model again.")
                }
            }
            let elements = product
            product = Tensor(shape: shape) { result in
                elements.withUnsafeElements { left in
                    factors.withUnsafeElements { right in
                        for index in result.indices {
                            result.initializeElement(at: index, to: left[index] * right[index])
                        }
                    }
                }
            }
        }
        return product
    }
}
