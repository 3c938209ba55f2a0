"""threeway compares three ways to classify images: a CNN from scratch, frozen MobileNetV2
features with a new head, and fine-tuned MobileNetV2.
"""
