//! What only reads takes its rights away before it opens what strangers wrote.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use support::{oprom, samples, text};

/// The system calls of a command, each with what it gave.
fn calls(command: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let traced = "-etrace=openat,openat2,socket,execve,prctl,seccomp,landlock_restrict_self";
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-q", "-s200", traced, "-o"])
        .arg(&trace)
        .arg(oprom().get_program())
        .args(command);
    let output = strace.output().expect("needs strace");
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    fs::read_to_string(trace).unwrap().lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs strace"]
fn rights_go_before_a_file_is_opened() {
    let file = samples("good-three-images.rom");
    let file = file.to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    for command in
        [&["check", file][..], &["show", file], &["scan", file], &["extract", file, "-o", out]]
    {
        let calls = calls(command);
        let at = |words: &str| calls.iter().position(|call| call.contains(words));
        let opened = at(&format!("\"{file}\""))
            .unwrap_or_else(|| panic!("{command:?} opens nothing: {calls:#?}"));
        // The program's own start names the file too.
        let opened = calls.iter().skip(opened + 1).position(|call| call.contains(file)).unwrap()
            + opened
            + 1;
        for call in [
            "landlock_restrict_self(",
            "seccomp(SECCOMP_SET_MODE_FILTER",
            "prctl(PR_SET_NO_NEW_PRIVS",
        ] {
            let done = at(call).unwrap_or_else(|| panic!("{command:?} never calls {call}"));
            assert!(calls[done].ends_with("= 0"), "needs Landlock: {}", calls[done]);
            assert!(done < opened, "{command:?}: {call} comes after {}", calls[opened]);
        }
        assert!(at("socket(").is_none(), "{command:?}: {calls:#?}");
        assert_eq!(calls.iter().filter(|call| call.contains("execve(")).count(), 1, "{command:?}");
        // Once the rights are gone, what is opened to write is below the output.
        let writes = |call: &&String| {
            call.contains("O_WRONLY") || call.contains("O_RDWR") || call.contains("O_CREAT")
        };
        for call in calls.iter().skip(opened).filter(writes) {
            assert!(call.contains(".oprom-"), "{command:?}: {call}");
        }
    }
    assert!(Path::new(out).join("image-0.efi").exists() || fs::read_dir(out).unwrap().count() > 0);
}
