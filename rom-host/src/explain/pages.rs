//! The documentation of codes and checks, as it stands in docs/.

use rom_core::Code;

const FINDINGS: &str = include_str!("../../../docs/findings.md");
const CHECKS: &str = include_str!("../../../docs/checks.md");

/// What a heading of a code or check begins with.
const HEADING: &str = "### ";

/// Heading and text of the page about `id`, in either case.
pub(super) fn page(id: &str) -> Option<(&'static str, &'static str)> {
    let id = id.to_uppercase();
    let known = Code::ALL.iter().any(|code| code.id() == id) || id.starts_with("HOST") || id.starts_with("VM0");
    [FINDINGS, CHECKS].into_iter().filter(|_| known).find_map(|document| section(document, &id))
}

fn section(document: &'static str, id: &str) -> Option<(&'static str, &'static str)> {
    let start = document.find(&format!("\n{HEADING}{id}: "))?;
    let (heading, rest) = document.get(start..)?.trim_start().split_once('\n')?;
    let end = rest.find("\n#").unwrap_or(rest.len());
    Some((heading.trim_start_matches(HEADING), rest.get(..end)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        for code in Code::ALL {
            let (heading, text) = page(code.id()).unwrap_or_else(|| panic!("{}", code.id()));
            assert!(heading.starts_with(code.id()) && !text.is_empty());
        }
        assert!(page("host040").unwrap().1.contains("disable_vga"));
        assert_eq!(page("HOST999"), None);
        assert_eq!(page("The driver"), None);
    }
}
