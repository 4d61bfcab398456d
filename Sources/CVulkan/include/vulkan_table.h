/* The Vulkan functions we call, found at run time: a machine without a loader still runs everything else. */
#ifndef VULKAN_TABLE_H
#define VULKAN_TABLE_H

#define VK_NO_PROTOTYPES
#include <stdbool.h>
#include <vulkan/vulkan_core.h>

/* Callable without an instance. */
#define MAE_VK_GLOBAL(X) X(vkCreateInstance) X(vkEnumerateInstanceVersion) X(vkEnumerateInstanceLayerProperties)

/* Looked up from the instance. */
#define MAE_VK_INSTANCE(X) \
    X(vkDestroyInstance) X(vkEnumeratePhysicalDevices) X(vkGetPhysicalDeviceProperties2) \
    X(vkGetPhysicalDeviceFeatures2) X(vkGetPhysicalDeviceMemoryProperties) \
    X(vkGetPhysicalDeviceQueueFamilyProperties) X(vkCreateDevice) X(vkGetDeviceProcAddr)

/* Looked up from the device, so that calls skip the loader's dispatch. */
#define MAE_VK_DEVICE(X) \
    X(vkDestroyDevice) X(vkGetDeviceQueue) X(vkQueueSubmit) \
    X(vkAllocateMemory) X(vkFreeMemory) X(vkMapMemory) \
    X(vkCreateBuffer) X(vkDestroyBuffer) X(vkGetBufferMemoryRequirements) X(vkBindBufferMemory) \
    X(vkCreateShaderModule) X(vkDestroyShaderModule) \
    X(vkCreateComputePipelines) X(vkDestroyPipeline) X(vkCreatePipelineLayout) X(vkDestroyPipelineLayout) \
    X(vkCreateDescriptorSetLayout) X(vkDestroyDescriptorSetLayout) X(vkCreateDescriptorPool) \
    X(vkDestroyDescriptorPool) X(vkAllocateDescriptorSets) X(vkUpdateDescriptorSets) \
    X(vkCreateCommandPool) X(vkDestroyCommandPool) X(vkAllocateCommandBuffers) \
    X(vkBeginCommandBuffer) X(vkEndCommandBuffer) X(vkCmdBindPipeline) X(vkCmdBindDescriptorSets) \
    X(vkCmdPushConstants) X(vkCmdDispatch) X(vkCmdPipelineBarrier) X(vkCmdCopyBuffer) X(vkCmdFillBuffer) \
    X(vkCreateFence) X(vkDestroyFence) X(vkResetFences) X(vkWaitForFences)

#define MAE_VK_FIELD(name) PFN_##name _Nonnull name;
struct mae_vk_global {
    MAE_VK_GLOBAL(MAE_VK_FIELD)
    PFN_vkGetInstanceProcAddr _Nonnull vkGetInstanceProcAddr;
};
struct mae_vk_instance {
    MAE_VK_INSTANCE(MAE_VK_FIELD)
};
struct mae_vk_device {
    MAE_VK_DEVICE(MAE_VK_FIELD)
};
#undef MAE_VK_FIELD

/* Each fills the table, or returns false with the name of what is missing: a library or a function.
 * The library stays loaded for the life of the process: drivers do not survive being unloaded. */
bool mae_vk_load_global(
    const char *_Nonnull library, struct mae_vk_global *_Nonnull table, const char *_Nullable *_Nonnull missing);
bool mae_vk_load_instance(
    const struct mae_vk_global *_Nonnull global, VkInstance _Nonnull instance, struct mae_vk_instance *_Nonnull table,
    const char *_Nullable *_Nonnull missing);
bool mae_vk_load_device(
    const struct mae_vk_instance *_Nonnull functions, VkDevice _Nonnull device, struct mae_vk_device *_Nonnull table,
    const char *_Nullable *_Nonnull missing);

#endif
