//! Has the program linked with relocations in their packed form: the 12,000 of a Rust program are
//! then a few pages less to read at each start. glibc reads them since 2.36, that of Debian 12.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = std::env::var("TARGET").unwrap_or_default();
    if target.ends_with("-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
