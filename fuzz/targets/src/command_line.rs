//! Choices for a command line of QEMU that is nearly right: written, it is read as the same.

use crate::choices::Choices;
use rom_host::vm::command_line::CommandLine;
use rom_host::vm::command_line::shell_words::{Words, quoted};
use rom_host::vm::configuration::Configuration;

const OPTIONS: [&str; 20] = [
    "-device", "-device", "-device", "-set", "-set", "-machine", "-M", "-cpu", "-m", "-vga", "-display",
    "-nodefaults", "-nographic", "-bios", "-drive", "-netdev", "-nic", "-global", "--device", "-x$(y)",
];

/// Options as they are in lines that work.
const PARTS: [&str; 6] = [
    "-device vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=2.0,romfile=/igd.rom",
    "-device {\"driver\":\"vfio-pci\",\"host\":\"0000:00:02.0\",\"id\":\"gpu\",\"addr\":\"0x2\"}",
    "-set device.hostpci0.x-igd-lpc=on",
    "-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd",
    "-machine q35",
    "-vga none",
];

fn words(choices: &mut Choices<'_>) -> Vec<String> {
    let part = |own: &mut Choices<'_>| match own.of(3) {
        0 => own.pick(&PARTS).split(' ').map(str::to_owned).collect(),
        1 => vec![own.pick(&OPTIONS).to_owned(), format!("vfio-pci,host={}", own.value())],
        _ => vec![own.pick(&OPTIONS).to_owned(), own.value()],
    };
    let program = choices.pick(&["qemu-system-x86_64", "/usr/bin/kvm", "exec"]).to_owned();
    [vec![program], choices.some(14, part).concat()].concat()
}

pub(super) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let words = words(&mut choices);
    let text = match choices.of(3) {
        0 => words.iter().flat_map(|word| [word.as_str(), "\0"]).collect(),
        1 => words.join(" "),
        _ => words.iter().map(|word| quoted(word)).collect::<Vec<String>>().join(" "),
    };
    super::configuration::run(text.as_bytes());
    let line = CommandLine::read(Words { words, open_quote: false });
    let Configuration::Qemu(fixed) = super::configuration::fixed(&Configuration::Qemu(line)) else {
        return;
    };
    let again = CommandLine::read(Words::read(&fixed.write()));
    assert_eq!(again.write(), fixed.write(), "a shell reads another line");
}
