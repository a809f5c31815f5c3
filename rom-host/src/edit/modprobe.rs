//! Options of kernel modules in files of /etc/modprobe.d.

/// The text of a file without an option of a module. A line of which nothing else is left goes.
#[must_use]
pub fn without_option(text: &str, module: &str, option: &str) -> String {
    let plain = |name: &str| name.replace('-', "_");
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = code.split_whitespace().collect();
        let of_module =
            matches!(words.as_slice(), ["options", own, ..] if plain(own) == plain(module));
        let is_option = |word: &&str| word.split('=').next().map(plain) == Some(plain(option));
        if !of_module || !words.iter().skip(2).any(is_option) {
            lines.push_str(line);
            continue;
        }
        let kept: Vec<&str> = words
            .iter()
            .enumerate()
            .filter(|(at, word)| *at < 2 || !is_option(word))
            .map(|(_, word)| *word)
            .collect();
        if kept.len() > 2 {
            let comment = line.get(code.len()..).unwrap_or_default().trim_end();
            let gap = if comment.is_empty() { "" } else { " " };
            let end = if line.ends_with('\n') { "\n" } else { "" };
            let words = kept.join(" ");
            lines.extend([words.as_str(), gap, comment, end]);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_goes_and_the_rest_stays() {
        for (text, expected) in [
            ("options vfio-pci ids=8086:a7a8 disable_vga=1\n", "options vfio-pci ids=8086:a7a8\n"),
            ("# a\noptions vfio_pci disable_vga=1\nblacklist x\n", "# a\nblacklist x\n"),
            ("options vfio-pci  disable_vga=1 a=b # why", "options vfio-pci a=b # why"),
            ("#options vfio-pci disable_vga=1\n", "#options vfio-pci disable_vga=1\n"),
            ("options kvm disable_vga=1\n", "options kvm disable_vga=1\n"),
        ] {
            assert_eq!(without_option(text, "vfio-pci", "disable_vga"), expected);
        }
    }
}
