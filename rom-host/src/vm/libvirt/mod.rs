//! Domains of libvirt: what `virsh dumpxml NAME` prints (libvirt, `docs/formatdomain.rst` and
//! `docs/drvqemu.rst`).

mod change;
mod places;
mod to_vm;
pub mod write;

use roxmltree::{Document, Node, ParsingOptions};

/// The namespace of what libvirt hands to QEMU as it is.
pub(super) const QEMU_NAMESPACE: &str = "http://libvirt.org/schemas/domain/qemu/1.0";

/// A domain whose text is XML with a `domain` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    text: String,
    /// Whether it was made of some of a domain's elements alone.
    is_part: bool,
}

/// What is around elements of devices to make a domain of them: what most with an iGPU have.
const AROUND: [&str; 2] = [
    "<domain type='kvm'>\n<os firmware='efi'><type arch='x86_64' machine='pc'>hvm</type></os>\n\
     <devices>\n",
    "\n</devices>\n</domain>\n",
];

/// Nodes of a document that are read: a domain has a few hundred.
const MOST_NODES: u32 = 100_000;

/// Reads `text`; an error says where and why.
fn document(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}

/// The first `domain`, which stands alone or inside of what libvirt keeps of a running one.
fn domain<'a, 'input>(document: &'a Document<'input>) -> Option<Node<'a, 'input>> {
    document.descendants().find(|node| node.has_tag_name("domain"))
}

/// The element at `path` below `node`.
fn at<'a, 'input>(node: Node<'a, 'input>, path: &[&str]) -> Option<Node<'a, 'input>> {
    path.iter()
        .try_fold(node, |node, name| node.children().find(|child| child.tag_name().name() == *name))
}

/// Elements of this name directly below `node`.
fn all<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

impl Domain {
    /// Reads a domain.
    ///
    /// # Errors
    /// A reason in words: it is not XML, or has no domain in it.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let is_domain = document(text).map(|document| domain(&document).is_some());
        if is_domain == Ok(true) {
            return Ok(Self { text: text.to_owned(), is_part: false });
        }
        let [before, after] = AROUND;
        let whole = format!("{before}{}{after}", text.trim_end());
        let is_device = document(&whole)
            .is_ok_and(|document| document.descendants().any(|node| node.has_tag_name("hostdev")));
        if is_device && !text.starts_with("<?xml") {
            return Ok(Self { text: whole, is_part: true });
        }
        is_domain.and(Err("it has no <domain>".to_owned()))
    }

    /// A domain that has nothing yet.
    #[must_use]
    pub fn empty() -> Self {
        let text = "<domain type='kvm'>\n  <os>\n    <type \
            arch='x86_64'>hvm</type>\n  </os>\n  <cpu mode='host-passthrough'/>\n  \
            <devices>\n  </devices>\n</domain>\n";
        Self { text: text.to_owned(), is_part: false }
    }

    /// The text, in lines.
    pub fn lines(&self) -> Vec<String> {
        self.text.lines().map(str::to_owned).collect()
    }
}

/// The `<hostdev>` elements with the names that libvirt gives them: a name of the owner's, which
/// begins with `ua-`, or `hostdev` and a number, which counts the others.
fn host_devices<'a, 'input: 'a>(devices: Node<'a, 'input>) -> Vec<(String, Node<'a, 'input>)> {
    let mut count = 0_usize;
    let mut named = Vec::new();
    for node in all(devices, "hostdev") {
        let alias = at(node, &["alias"]).and_then(|alias| alias.attribute("name"));
        let name = alias.map_or_else(|| format!("hostdev{count}"), str::to_owned);
        count += usize::from(!name.starts_with("ua-"));
        named.push((name, node));
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_without_a_name_are_counted() {
        let text = "<devices><hostdev><alias name='ua-gpu'/></hostdev><hostdev/><hostdev/>\
            </devices>";
        let document = document(text).unwrap();
        let devices = host_devices(document.root_element());
        let names: Vec<&str> = devices.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["ua-gpu", "hostdev0", "hostdev1"]);
    }

    #[test]
    fn what_is_no_domain_is_refused_with_a_reason() {
        assert!(Domain::read("<domain/>").is_ok());
        assert!(
            Domain::read("\u{feff}<?xml version='1.0'?>\r\n<domstatus><domain/></domstatus>")
                .is_ok()
        );
        for wrong in [
            "",
            "<",
            "<domain>",
            "<network/>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><domain>&b;</domain>",
        ] {
            assert!(Domain::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_deep_document_is_refused_or_read_and_nothing_else() {
        let deep = "<a>".repeat(1_000_000);
        assert!(Domain::read(&deep).is_err());
    }
}
