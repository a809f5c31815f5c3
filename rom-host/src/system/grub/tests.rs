use super::*;

pub(crate) fn files(texts: &[&str], shell: Shell) -> GrubFiles {
    let path = |index: usize| {
        if index == 0 {
            "/etc/default/grub".to_owned()
        } else {
            format!("/etc/default/grub.d/{index}.cfg")
        }
    };
    let own = texts.iter().enumerate();
    let files = own.map(|(index, text)| TextFile { path: path(index), text: (*text).to_owned() });
    GrubFiles { files: files.collect(), shell }
}

fn known(texts: &[&str]) -> String {
    match files(texts, Shell::Dash).options() {
        Options::Known(words) => words.join(" "),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_last_assignment_counts_in_whatever_file_it_is() {
    let own = "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"root=x\"\n";
    assert_eq!(known(&[own]), "root=x quiet");
    assert_eq!(
        known(&[own, "GRUB_CMDLINE_LINUX_DEFAULT=intel_iommu=off"]),
        "root=x intel_iommu=off"
    );
    let adds = "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT crashkernel=1M\"\n";
    assert_eq!(known(&[own, adds]), "root=x quiet crashkernel=1M");
    assert_eq!(known(&["  GRUB_CMDLINE_LINUX='a\tb'\n#GRUB_CMDLINE_LINUX=c\n"]), "a b");
    let distributor = "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null \
                       || echo Debian`\n";
    assert_eq!(known(&[distributor, own]), "root=x quiet");
    assert_eq!(known(&["GRUB_CMDLINE_LINUX=`x`\n"]), "Computed(\"/etc/default/grub\")");
}

#[track_caller]
fn fault(text: &str, expected: &Fault, line: usize) {
    let Options::Faulty(found) = files(&[text], Shell::Dash).options() else { panic!("{text}") };
    assert_eq!((&found.fault, found.line), (expected, line), "{text}");
}

#[test]
fn faults_are_told_apart() {
    let run = |word: &str| Fault::Command(word.to_owned());
    fault("GRUB_CMDLINE_LINUX=\"a\nGRUB_TIMEOUT=5\n", &Fault::OpenQuote, 1);
    fault("GRUB_CMDLINE_LINUX=\"a\nGRUB_X=\"b\"\nGRUB_Y=\"\n", &Fault::RanOver, 1);
    fault("GRUB_X=1\nGRUB_CMDLINE_LINUX=\"a\nb\"\n", &Fault::LineBreak, 2);
    fault("GRUB_X=1\nff video=vesafb\n", &run("ff"), 2);
    fault("GRUB_TIMEOUT = 5\n", &run("GRUB_TIMEOUT"), 1);
    fault("GRUB_CMDLINE_LINUX+=\" a\"\n", &run("GRUB_CMDLINE_LINUX+=\" a\""), 1);
    fault("GRUB_CMDLINE_LINUX=\u{201c}quiet\u{201d}\n", &Fault::Letter('\u{201c}'), 1);
    fault("GRUB_CMDLINE_LINUX=\"quiet\u{a0}a\"\n", &Fault::Letter('\u{a0}'), 1);
    let outside = Fault::OutsideQuotes("intel_iommu=on".to_owned());
    fault("GRUB_CMDLINE_LINUX_DEFAULT=quiet intel_iommu=on\n", &outside, 1);
    assert_eq!(known(&["# \u{201c}x\u{201d}\nGRUB_CMDLINE_LINUX=a\n"]), "a");
}

fn repaired(text: &str) -> String {
    let next = files(&[text], Shell::Dash).repaired();
    next.map_or("-".to_owned(), |next| next.files[0].text.clone())
}

#[test]
fn repairs_leave_what_was_meant() {
    let is = |text: &str, expected: &str| assert_eq!(repaired(text), expected, "{text}");
    is(
        "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on iommu=pt \
         video=efifb\"\nff video=vesafb\nff initcall_blacklist=sysfb_init\"\nGRUB_CMDLINE_LINUX=\"\"\n",
        "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on iommu=pt \
         initcall_blacklist=sysfb_init\"\nGRUB_CMDLINE_LINUX=\"\"\n",
    );
    is(
        "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt video=efifb\nGRUB_CMDLINE_LINUX=\"\"\n",
        "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet iommu=pt\"\nGRUB_CMDLINE_LINUX=\"\"\n",
    );
    is("GRUB_CMDLINE_LINUX=\"a\nb\nc\"\n", "GRUB_CMDLINE_LINUX=\"a b c\"\n");
    is("GRUB_TIMEOUT = 5\n", "GRUB_TIMEOUT=\"5\"\n");
    is(
        "export GRUB_CMDLINE_LINUX=\u{201c}quiet vfio\u{2013}pci.ids=8086:a7a8\u{201d}\n",
        "export GRUB_CMDLINE_LINUX=\"quiet vfio-pci.ids=8086:a7a8\"\n",
    );
    is(
        "GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX+=\" b\"\n",
        "GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n",
    );
    is(
        "GRUB_CMDLINE_LINUX_DEFAULT=quiet intel_iommu=on\n",
        "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"\n",
    );
    is("GRUB_X=1\nsplash\n", "GRUB_X=1\n# splash\n");
    // What is right is not touched, and what is not plain is not guessed.
    is("GRUB_CMDLINE_LINUX=\"a\"\n", "-");
    is("GRUB_CMDLINE_LINUX=\"a $(x)\nGRUB_TIMEOUT=5\n", "-");
}

fn changed(texts: &[&str], add: &[&str], remove: &[&str]) -> Vec<String> {
    let next = files(texts, Shell::Dash).changed(add, remove);
    next.map(|next| next.files.into_iter().map(|file| file.text).collect()).unwrap_or_default()
}

#[test]
fn options_come_and_go() {
    let is = |text: &str, add: &[&str], remove: &[&str], expected: &str| {
        assert_eq!(changed(&[text], add, remove), [expected], "{text}");
    };
    let d = "GRUB_CMDLINE_LINUX_DEFAULT";
    is(&format!("{d}=\"quiet\"\n"), &["a=b"], &[], &format!("{d}=\"quiet a=b\"\n"));
    is(&format!("{d}='quiet' # x\n"), &["a"], &["quiet"], &format!("{d}='a' # x\n"));
    is(&format!("{d}=quiet"), &["a", "quiet"], &[], &format!("{d}=\"quiet a\""));
    is(&format!("{d}=\"\"\n"), &["a"], &["b"], &format!("{d}=\"a\"\n"));
    is("GRUB_TIMEOUT=5", &["a"], &[], &format!("GRUB_TIMEOUT=5\n{d}=\"${d} a\"\n"));
    is(
        &format!("GRUB_CMDLINE_LINUX=\"a b\"\n{d}=\"b c b\"\n"),
        &[],
        &["b"],
        &format!("GRUB_CMDLINE_LINUX=\"a\"\n{d}=\"c\"\n"),
    );
    is(&format!("{d}=\"ab b.c\"\n"), &["d"], &["b"], &format!("{d}=\"ab b.c d\"\n"));
    // A fragment that begins anew is the place; one that adds is not.
    let (own, adds) = (format!("{d}=\"quiet\"\n"), format!("{d}=\"${d} x\"\n"));
    assert_eq!(changed(&[&own, &adds], &["a"], &[]), [format!("{d}=\"quiet a\"\n"), adds.clone()]);
    assert_eq!(changed(&[&own, &own], &["a"], &[]), [own.clone(), format!("{d}=\"quiet a\"\n")]);
    let computed = format!("{d}=\"`x` quiet\"\n");
    assert!(changed(&[&computed], &["a"], &[]).is_empty());
    assert!(changed(&[&own], &["a\"b"], &[]).is_empty());
    assert!(changed(&["GRUB_CMDLINE_LINUX=\"a"], &["b"], &[]).is_empty());
}
