//! What people paste: a configuration in a fence of Markdown, quoted, indented, or with the prompt
//! of a shell before it.

/// `text` without what is around the configuration in it; itself where there is nothing.
#[must_use]
pub(super) fn bare(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let lines = without_quotes(lines);
    let lines = in_fence(lines);
    let lines = without_prompts(lines);
    let lines = without_indent(lines);
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Each line after a `>`, where all of them have one, as in a reply.
fn without_quotes(lines: Vec<&str>) -> Vec<&str> {
    let quoted = |line: &str| line.trim_start().starts_with('>');
    let mut rest = lines;
    while rest.iter().any(|line| !is_blank(line))
        && rest.iter().all(|line| is_blank(line) || quoted(line))
    {
        let inner = |line: &'_ str| -> Option<usize> {
            let start = line.len() - line.trim_start().len();
            Some(start).filter(|_| quoted(line))
        };
        rest = rest
            .into_iter()
            .map(|line| match inner(line) {
                Some(start) => {
                    let after = line.get(start.saturating_add(1)..).unwrap_or_default();
                    after.strip_prefix(' ').unwrap_or(after)
                }
                None => line,
            })
            .collect();
    }
    rest
}

/// Whether a line opens or closes a fence: of Markdown, or of a forum.
fn is_fence(line: &str) -> bool {
    let line = line.trim();
    let forum = line.to_ascii_lowercase();
    line.starts_with("```")
        || line.starts_with("~~~")
        || forum == "[code]"
        || forum == "[/code]"
        || forum.starts_with("[code=") && forum.ends_with(']')
}

/// The lines of the first fence that has any; all lines where there is no fence.
fn in_fence(lines: Vec<&str>) -> Vec<&str> {
    if !lines.iter().any(|line| is_fence(line)) {
        return lines;
    }
    let blocks: Vec<Vec<&str>> = lines.split(|line| is_fence(line)).map(<[&str]>::to_vec).collect();
    let has_text = |block: &&Vec<&str>| block.iter().any(|line| !is_blank(line));
    // What is before the first fence is about it, unless nothing else is there.
    let inside = blocks.iter().skip(1).find(has_text);
    inside.or_else(|| blocks.first()).cloned().unwrap_or_default()
}

/// What was typed after a prompt of a shell: `root@pve:~# `, `[user@host ~]$ `, `$ `.
fn after_prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(rest) = line.strip_prefix("$ ") {
        return Some(rest);
    }
    let end = line.find(['#', '$'])?;
    let (before, rest) = line.split_at(end);
    let user = before.contains('@') && !before.contains(['<', '=', '"', '\'']);
    let rest = rest.get(1..)?;
    (user && before.len() < 80 && (rest.is_empty() || rest.starts_with(' '))).then(|| rest.trim())
}

/// A command of QEMU stays; others, and empty prompts, go.
fn without_prompts(lines: Vec<&str>) -> Vec<&str> {
    let starts_qemu = |typed: &str| typed.contains("qemu") || typed.contains("kvm ");
    let mut rest = Vec::new();
    for line in lines {
        match after_prompt(line) {
            Some(typed) if starts_qemu(typed) && !typed.starts_with("virsh") => rest.push(typed),
            Some(_) => {}
            None => rest.push(line),
        }
    }
    rest
}

/// Without the white space that all lines begin with.
fn without_indent(lines: Vec<&str>) -> Vec<&str> {
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = lines.iter().filter(|line| !is_blank(line)).map(indent).min().unwrap_or(0);
    lines.into_iter().map(|line| line.get(common..).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_configuration_goes() {
        for pasted in [
            "bios: ovmf\nvga: none\n",
            "> bios: ovmf\n> vga: none\n",
            ">> bios: ovmf\n>>vga: none\n",
            "Here is mine:\n\n```\nbios: ovmf\nvga: none\n```\nIt does not start.\n",
            "~~~text\nbios: ovmf\nvga: none\n~~~\n",
            "[CODE]\nbios: ovmf\nvga: none\n[/CODE]\n",
            "root@pve:~# qm config 100\nbios: ovmf\nvga: none\nroot@pve:~#\n",
            "[root@pve qemu-server]# cat 100.conf\nbios: ovmf\nvga: none\n",
            "$ cat 100.conf\nbios: ovmf\nvga: none\n",
            "    bios: ovmf\n    vga: none\n",
            "\tbios: ovmf\n\tvga: none\n",
        ] {
            assert_eq!(bare(pasted).trim(), "bios: ovmf\nvga: none", "{pasted}");
        }
    }

    #[test]
    fn what_belongs_to_it_stays() {
        for text in [
            "#a note, mail me@example.org # soon\nbios: ovmf\n",
            "<domain>\n  <name>a</name>\n</domain>\n",
            "bios: ovmf\n\n[PENDING]\nvga: none\n",
            "qemu-system-x86_64 -name 'a # b' \\\n  -vga none\n",
        ] {
            assert_eq!(bare(text), text);
        }
        let typed = "user@host:~$ sudo qemu-system-x86_64 -vga none\n";
        assert_eq!(bare(typed), "sudo qemu-system-x86_64 -vga none\n");
    }
}
