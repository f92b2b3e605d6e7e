/*
 * demo_files.S - the demo network, its labels and its scene as bytes of the command
 *
 * SPDX-License-Identifier: MIT
 */
    .section .rodata
    .balign 64
    .global demo_model, demo_model_end, demo_labels, demo_labels_end, demo_scene, demo_scene_end
demo_model:
    .incbin "src/demo/demo.pt"
demo_model_end:
demo_labels:
    .incbin "src/demo/demo.txt"
demo_labels_end:
demo_scene:
    .incbin "src/demo/scene.png"
demo_scene_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
