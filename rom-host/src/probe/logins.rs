//! Ways into the host from elsewhere: what listens, and where.

use super::access::Probe;
use crate::files::HostFiles;

/// A way in from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// `SSH`, or the web interface.
    pub by: &'static str,
    /// What is typed elsewhere: a command, or an address of the web.
    pub address: String,
}

/// The web interface of Proxmox VE.
const WEB: u16 = 8006;
const SSH: u16 = 22;
/// The state of a socket that listens (`include/net/tcp_states.h`).
const LISTEN: &str = "0A";
/// Addresses of a host that are shown at most for each way.
const MOST: usize = 3;

/// The ways into a host; `None` where the kernel does not say what listens.
#[must_use]
pub fn read(files: &dyn HostFiles) -> Option<Vec<Login>> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| Probe::file(files, path));
    if tables.iter().all(|table| table.as_ref().is_none()) {
        return None;
    }
    let listening: Vec<(Local, u16)> =
        tables.iter().filter_map(Probe::as_ref).flat_map(|table| listening(table)).collect();
    let own = Probe::file(files, "/proc/net/fib_trie");
    let own = own.as_ref().map(|text| addresses(text)).unwrap_or_default();
    let config = Probe::file(files, "/etc/ssh/sshd_config");
    let port = config.as_ref().and_then(|text| ssh_port(text)).unwrap_or(SSH);
    let mut logins = Vec::new();
    let host = || vec!["THIS-HOST".to_owned()];
    for (wanted, by) in [(port, "SSH"), (WEB, "the web interface")] {
        let mut at: Vec<String> = Vec::new();
        for (local, _) in listening.iter().filter(|(_, port)| *port == wanted) {
            match local {
                Local::Any if own.is_empty() => at.extend(host()),
                Local::Any => at.extend(own.iter().cloned()),
                Local::At(address) => at.push(address.clone()),
                Local::Here => {}
            }
        }
        at.dedup();
        let text = |address: String| match (by, wanted) {
            ("SSH", SSH) => format!("ssh root@{address}"),
            ("SSH", port) => format!("ssh -p {port} root@{address}"),
            (_, port) => format!("https://{address}:{port}"),
        };
        let found = at.into_iter().take(MOST).map(|address| Login { by, address: text(address) });
        for login in found {
            if !logins.contains(&login) {
                logins.push(login);
            }
        }
    }
    Some(logins)
}

/// Where a socket listens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Local {
    /// Everywhere.
    Any,
    /// For this host alone.
    Here,
    /// At an address.
    At(String),
}

/// What listens, from the text of `/proc/net/tcp` or `/proc/net/tcp6`.
fn listening(table: &str) -> Vec<(Local, u16)> {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (address, port) = words.next()?.split_once(':')?;
        let state = words.nth(1)?;
        let port = u16::from_str_radix(port, 16).ok()?;
        Some((local(address)?, port)).filter(|_| state == LISTEN)
    };
    table.lines().filter_map(of_line).collect()
}

/// An address as the kernel writes it: words of 32 bits in the order of the machine.
fn local(text: &str) -> Option<Local> {
    if text.bytes().all(|byte| byte == b'0') {
        return Some(Local::Any);
    }
    if text.len() != 8 {
        // The only one of IPv6 that is for this host alone.
        let here = "00000000000000000000000001000000";
        return (text == here).then_some(Local::Here);
    }
    let [a, b, c, d] = u32::from_str_radix(text, 16).ok()?.to_le_bytes();
    let address = format!("{a}.{b}.{c}.{d}");
    Some(if a == 127 { Local::Here } else { Local::At(address) })
}

/// Addresses of IPv4 that a host has, from the text of `/proc/net/fib_trie`.
fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut last = None;
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = Some(address.to_owned());
        } else if line == "/32 host LOCAL"
            && let Some(address) = last.take().filter(|own| !own.starts_with("127."))
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

fn ssh_port(config: &str) -> Option<u16> {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace();
        let is_port = words.next()?.eq_ignore_ascii_case("port");
        words.next().filter(|_| is_port)?.parse().ok()
    };
    config.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue\n\
        \x20  0: 00000000:0016 00000000:0000 0A 00000000:00000000\n\
        \x20  1: 0100007F:0019 00000000:0000 0A 00000000:00000000\n\
        \x20  2: 0A01A8C0:0016 0B01A8C0:C001 01 00000000:00000000\n";
    const TCP6: &str = "  sl  local_address\n\
        \x20  0: 00000000000000000000000000000000:1F46 0:0000 0A 00000000:00000000\n";
    const TRIE: &str = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.168.1.10\n        /32 host LOCAL\n     \
        |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.168.1.255\n        /32 link BROADCAST\n";

    fn logins(files: &[(&str, &str)]) -> Option<Vec<String>> {
        let mut host = FileMap::default();
        for (path, text) in files {
            host.write(path, *text);
        }
        let logins = read(&host)?;
        Some(logins.into_iter().map(|login| login.address).collect())
    }

    #[test]
    fn what_listens_is_a_way_in() {
        assert_eq!(logins(&[]), None);
        let all = [("/proc/net/tcp", TCP), ("/proc/net/tcp6", TCP6), ("/proc/net/fib_trie", TRIE)];
        let expected = ["ssh root@192.168.1.10", "https://192.168.1.10:8006"];
        assert_eq!(logins(&all).unwrap(), expected);
        let here = TCP.replace("00000000:0016", "0100007F:0016");
        assert_eq!(logins(&[("/proc/net/tcp", &here)]).unwrap(), [""; 0]);
        let one = TCP.replace("00000000:0016", "0A01A8C0:08AE");
        let config = ("/etc/ssh/sshd_config", "#Port 22\nPort 2222\n");
        assert_eq!(
            logins(&[("/proc/net/tcp", &one), config]).unwrap(),
            ["ssh -p 2222 root@192.168.1.10"]
        );
    }
}
