# The driver that makes OVMF say which images it loads and starts. The bytes of each line are in its
# comment; observer.rs reads those, and a test holds them to what the assembler makes of the line.
.intel_syntax noprefix
.text

# The entry point of a UEFI driver: rdx is the system table. It puts its own functions before
# LoadImage and StartImage of the boot services (UEFI 2.10, 4.4 and 7), and stays loaded.
entry:
    mov  r9, [rdx+0x60]                         # 4c8b4a60
    mov  rax, [r9+0xC8]                         # 498b81c8000000
    mov  [rip+old_load], rax                    # 48890586010000
    lea  rax, [rip+load]                        # 488d0532000000
    mov  [r9+0xC8], rax                         # 498981c8000000
    mov  rax, [r9+0xD0]                         # 498b81d0000000
    mov  [rip+old_start], rax                   # 48890572010000
    lea  rax, [rip+start]                       # 488d0597000000
    mov  [r9+0xD0], rax                         # 498981d0000000
    lea  r10, [rip+t_begin]                     # 4c8d151f010000
    call say                                    # e8d7000000
    xor  eax, eax                               # 31c0
    ret                                         # c3

# Before LoadImage: the device path of the image in hex; after it, the status.
load:
    push rbp                                    # 55
    mov  rbp, rsp                               # 4889e5
    mov  [rbp+0x10], rcx                        # 48894d10
    mov  [rbp+0x18], rdx                        # 48895518
    mov  [rbp+0x20], r8                         # 4c894520
    mov  [rbp+0x28], r9                         # 4c894d28
    lea  r10, [rip+t_load]                      # 4c8d1506010000
    call say                                    # e8b4000000
    mov  r10, r8                                # 4d89c2
    test r10, r10                               # 4d85d2
    jz   2f                                     # 7418
1:  cmp  byte ptr [r10], 0x7F                   # 41803a7f
    je   2f                                     # 7412
    movzx r9d, word ptr [r10+2]                 # 450fb74a02
    cmp  r9d, 4                                 # 4183f904
    jb   2f                                     # 7207
    call bytes                                  # e8a8000000
    jmp  1b                                     # ebe8
2:  lea  r10, [rip+t_close]                     # 4c8d1501010000
    call say                                    # e888000000
    sub  rsp, 0x30                              # 4883ec30
    mov  rax, [rbp+0x38]                        # 488b4538
    mov  [rsp+0x28], rax                        # 4889442428
    mov  rax, [rbp+0x30]                        # 488b4530
    mov  [rsp+0x20], rax                        # 4889442420
    mov  rcx, [rbp+0x10]                        # 488b4d10
    mov  rdx, [rbp+0x18]                        # 488b5518
    mov  r8, [rbp+0x20]                         # 4c8b4520
    mov  r9, [rbp+0x28]                         # 4c8b4d28
    call [rip+old_load]                         # ff15d5000000
    lea  r10, [rip+t_loaded]                    # 4c8d15aa000000
    jmp  status                                 # eb29

# Before StartImage: that it is called; after it, the status.
start:
    push rbp                                    # 55
    mov  rbp, rsp                               # 4889e5
    mov  [rbp+0x18], rdx                        # 48895518
    lea  r10, [rip+t_start]                     # 4c8d15a3000000
    call say                                    # e83f000000
    sub  rsp, 0x20                              # 4883ec20
    mov  rdx, [rbp+0x18]                        # 488b5518
    call [rip+old_start]                        # ff15b2000000
    lea  r10, [rip+t_started]                   # 4c8d1593000000

# The end of both: r10 is the text, rax the status, which is returned.
status:
    mov  [rbp+0x10], rax                        # 48894510
    call say                                    # e821000000
    lea  r10, [rbp+0x10]                        # 4c8d5510
    mov  r9d, 8                                 # 41b908000000
    call bytes                                  # e824000000
    lea  r10, [rip+t_close]                     # 4c8d157f000000
    call say                                    # e806000000
    mov  rax, [rbp+0x10]                        # 488b4510
    leave                                       # c9
    ret                                         # c3

# Writes the text at r10, up to its zero, to the debug port.
say:
    mov  dx, 0x402                              # 66ba0204
1:  mov  al, [r10]                              # 418a02
    test al, al                                 # 84c0
    jz   2f                                     # 7406
    out  dx, al                                 # ee
    inc  r10                                    # 49ffc2
    jmp  1b                                     # ebf3
2:  ret                                         # c3

# Writes r9d bytes at r10 in hex. r10 is after them then.
bytes:
    movzx r11d, byte ptr [r10]                  # 450fb61a
    mov  eax, r11d                              # 4489d8
    shr  eax, 4                                 # c1e804
    call digit                                  # e814000000
    mov  eax, r11d                              # 4489d8
    and  eax, 15                                # 83e00f
    call digit                                  # e809000000
    inc  r10                                    # 49ffc2
    dec  r9d                                    # 41ffc9
    jnz  bytes                                  # 75de
    ret                                         # c3

# Writes the digit in al.
digit:
    add  al, 0x30                               # 0430
    cmp  al, 0x39                               # 3c39
    jbe  1f                                     # 7602
    add  al, 0x27                               # 0427
1:  mov  dx, 0x402                              # 66ba0204
    out  dx, al                                 # ee
    ret                                         # c3
t_begin:   .asciz "<#begin#>"                   # 3c23626567696e233e00
t_load:    .asciz "<#load "                     # 3c236c6f61642000
t_loaded:  .asciz "<#loaded "                   # 3c236c6f616465642000
t_start:   .asciz "<#start#>"                   # 3c237374617274233e00
t_started: .asciz "<#started "                  # 3c23737461727465642000
t_close:   .asciz "#>"                          # 233e00
.balign 8                                       # 6690
old_load:  .quad 0                              # 0000000000000000
old_start: .quad 0                              # 0000000000000000
