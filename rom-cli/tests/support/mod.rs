//! What the tests of the program share: a host in a temporary folder, the program itself, and a
//! server that misbehaves on request.
#![allow(dead_code, reason = "each test file uses a part of it")]

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rom_core::Digest;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// A ROM of the samples.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)).unwrap()
}

/// A folder of the samples.
pub(crate) fn samples(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(path)
}

/// A Proxmox host with the guide's GPU, in a folder of its own, with a catalog that pins `rom` as
/// `igd-test.rom`.
pub(crate) struct Host {
    pub(crate) root: TempDir,
    pub(crate) rom: Vec<u8>,
}

pub(crate) const ROM_NAME: &str = "igd-test.rom";

impl Host {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().unwrap();
        let rom = sample("good-three-images.rom");
        let device = root.path().join("sys/bus/pci/devices/0000:00:02.0");
        fs::create_dir_all(&device).unwrap();
        fs::create_dir_all(root.path().join("usr/share/kvm")).unwrap();
        for (name, text) in [
            ("vendor", "0x8086\n"),
            ("device", "0xa7a8\n"),
            ("class", "0x030000\n"),
            ("boot_vga", "1\n"),
        ] {
            fs::write(device.join(name), text).unwrap();
        }
        let host = Self { root, rom };
        host.pin("https://roms.invalid", Some(host.rom.len()));
        host
    }

    /// Writes the catalog, with the ROM's address below `url`.
    pub(crate) fn pin(&self, url: &str, size: Option<usize>) {
        let size = size.map_or_else(String::new, |size| format!("size = {size}\n"));
        let text = format!(
            "schema = 1\n[[rom]]\nname = \"{ROM_NAME}\"\nsha256 = \"{}\"\n{size}url = \"{url}/{ROM_NAME}\"\nevidence = \"proved\"\n\
             [[platform]]\ncode = \"RPL-P\"\nname = \"Raptor Lake-P\"\ngeneration = \"12\"\n\
             roms = [{{ name = \"{ROM_NAME}\", confidence = \"high\", reason = \"made for it\" }}]\n\
             devices = [{{ id = \"a7a8\", name = \"UHD Graphics\" }}]\n",
            Digest::of(&self.rom)
        );
        fs::write(self.root.path().join("catalog.toml"), text).unwrap();
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("usr/share/kvm")
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.folder().join("igd.rom")
    }

    /// The program on this host, with `command` and its arguments.
    pub(crate) fn oprom(&self, command: &[&str]) -> Command {
        let mut oprom = oprom();
        oprom
            .arg("--sysroot")
            .arg(self.root.path())
            .arg("--catalog")
            .arg(self.root.path().join("catalog.toml"))
            .args(command);
        oprom
    }

    /// Names in the ROM folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The program, with nothing of the caller's environment that changes what it says or whom it asks.
pub(crate) fn oprom() -> Command {
    let mut oprom = Command::new(env!("CARGO_BIN_EXE_oprom"));
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_COLOR",
    ] {
        oprom.env_remove(name);
    }
    oprom
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn exit(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

/// What the server answers.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Status line, content type, body.
    Whole(&'static str, &'static str, Vec<u8>),
    /// The body, after which the server hangs up although it promised so many bytes.
    Cut(Vec<u8>, usize),
    /// The beginning of a body, and then nothing.
    Stall(Vec<u8>, usize),
    /// A redirect to this address.
    Redirect(String),
    /// The body in small pieces with a pause between them.
    Slow(Vec<u8>, usize, Duration),
    /// Headers, so many of them, in small pieces with a pause between them, and no end.
    Headers(usize, Duration),
    /// Bytes that are no HTTP/1.1, for example the beginning of HTTP/2.
    Raw(Vec<u8>),
}

/// A server on loopback. Its certificate is signed by an authority of its own.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) ca: PathBuf,
    _folder: TempDir,
}

impl Server {
    /// Answers every request with TLS and `reply`.
    pub(crate) fn https(reply: Reply) -> Self {
        let folder = TempDir::new().unwrap();
        let (config, ca) = tls();
        let path = folder.path().join("ca.pem");
        fs::write(&path, ca).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let reply = match reply {
            // An address that begins with / is on this server.
            Reply::Redirect(to) if to.starts_with('/') => Reply::Redirect(format!("{url}{to}")),
            other => other,
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, reply) = (config.clone(), reply.clone());
                thread::spawn(move || {
                    let connection = ServerConnection::new(config).unwrap();
                    answer(StreamOwned::new(connection, stream), &reply);
                });
            }
        });
        Self { url, ca: path, _folder: folder }
    }

    /// Answers every request in the clear.
    pub(crate) fn http(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        Self::in_the_clear(listener, url, reply)
    }

    /// The same over IPv6; `None` on a machine that has none.
    pub(crate) fn http_over_ipv6(reply: Reply) -> Option<Self> {
        let listener = TcpListener::bind("[::1]:0").ok()?;
        let url = format!("http://[::1]:{}", listener.local_addr().unwrap().port());
        Some(Self::in_the_clear(listener, url, reply))
    }

    fn in_the_clear(listener: TcpListener, url: String, reply: Reply) -> Self {
        let folder = TempDir::new().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let reply = reply.clone();
                thread::spawn(move || answer::<TcpStream>(stream, &reply));
            }
        });
        Self { url, ca: PathBuf::new(), _folder: folder }
    }
}

/// A server's configuration, and its authority in PEM.
fn tls() -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let leaf_key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&leaf_key, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivatePkcs8KeyDer::from(leaf_key.serialize_der()).into(),
        )
        .unwrap();
    (Arc::new(config), ca)
}

/// Reads a request and answers it. A client that hangs up is no failure of the server.
fn answer<S: Read + Write>(mut stream: S, reply: &Reply) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            Ok(_) | Err(_) => return,
        }
    }
    let head = |status: &str, kind: &str, length: usize| {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: \
            {length}\r\nConnection: close\r\n\r\n"
        )
        .into_bytes()
    };
    let binary = "application/octet-stream";
    let _ = match reply {
        Reply::Whole(status, kind, body) => {
            stream.write_all(&[head(status, kind, body.len()), body.clone()].concat())
        }
        Reply::Cut(body, promised) => {
            stream.write_all(&[head("200 OK", binary, *promised), body.clone()].concat())
        }
        Reply::Stall(body, promised) => {
            let sent =
                stream.write_all(&[head("200 OK", binary, *promised), body.clone()].concat());
            let _ = stream.flush();
            thread::sleep(Duration::from_secs(20));
            sent
        }
        Reply::Raw(bytes) => stream.write_all(bytes),
        Reply::Headers(count, pause) => {
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            for number in 0..*count {
                sent = sent.and_then(|()| {
                    stream.write_all(format!("X-{number}: {}\r\n", "a".repeat(1000)).as_bytes())
                });
                sent = sent.and_then(|()| stream.flush());
                thread::sleep(*pause);
            }
            sent
        }
        Reply::Redirect(to) => {
            let text = format!(
                "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: \
                    close\r\n\r\n"
            );
            stream.write_all(text.as_bytes())
        }
        Reply::Slow(body, piece, pause) => {
            let mut sent = stream.write_all(&head("200 OK", binary, body.len()));
            for piece in body.chunks(*piece) {
                sent = sent.and_then(|()| stream.write_all(piece)).and_then(|()| stream.flush());
                thread::sleep(*pause);
            }
            sent
        }
    };
    let _ = stream.flush();
}

/// Compares `got` with the golden text `name`; `OPROM_BLESS=1` writes it anew.
pub(crate) fn golden(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("OPROM_BLESS").is_some() {
        fs::write(&path, got).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(got == expected, "{name}: expected\n{expected}\ngot\n{got}");
}

/// A copy of the good host, without what the README's first command leaves in it.
pub(crate) fn fresh_host() -> TempDir {
    let root = TempDir::new().unwrap();
    let status = Command::new("cp")
        .arg("-a")
        .arg(samples("hosts/nuc-13-pro/."))
        .arg(root.path())
        .status()
        .unwrap();
    assert!(status.success());
    let roms = root.path().join("usr/share/kvm");
    fs::remove_dir_all(&roms).unwrap();
    fs::create_dir(&roms).unwrap();
    let journal = root.path().join("var/lib/oprom");
    if journal.exists() {
        fs::remove_dir_all(journal).unwrap();
    }
    root
}

/// A copy of the good host, with `rom` in place.
pub(crate) fn good_host(rom: &str) -> TempDir {
    let root = fresh_host();
    fs::copy(samples(rom), root.path().join("usr/share/kvm/igd.rom")).unwrap();
    root
}

/// MiB that reading any file takes at most: `docs/trust.md` says so.
pub(crate) const MOST: usize = 256;

/// The program in `folder`, with so many MiB for all that it keeps.
pub(crate) fn within(mebibytes: usize, folder: &Path, words: &[&str]) -> Output {
    let limited = format!("ulimit -d {} && exec \"$0\" \"$@\"", mebibytes << 10);
    let mut command = Command::new("sh");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_oprom")]).args(words).current_dir(folder);
    command.output().unwrap()
}
