/*
 * demo_files.S - the demo network, its labels and its scene as bytes of the command
 *
 * SPDX-License-Identifier: MIT
 */
    .section .rodata

    .macro embed name, path
    .global \name, \name\()_size
    .balign 64
\name:
    .incbin "\path"
\name\()_end:
    .balign 8
\name\()_size:
    .quad \name\()_end - \name
    .endm

    embed demo_model, "src/demo/demo.pt"
    embed demo_labels, "src/demo/demo.txt"
    embed demo_scene, "src/demo/scene.png"

    .section .note.GNU-stack, "", %progbits
