//! What a VM is for, remembered in the configuration file of this program.

use crate::goal::Goal;

/// The text of the file with the goal of a VM of Proxmox VE.
#[must_use]
pub fn remember(text: &str, vmid: u32, goal: Goal) -> String {
    let header = format!("[vm.{vmid}]");
    let line = format!("goal = \"{}\"\n", goal.name());
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.last().is_some_and(|last| !last.ends_with('\n')) {
        lines.push("\n".to_owned());
    }
    let own =
        lines.iter().position(|own| own.split('#').next().unwrap_or_default().trim() == header);
    let Some(own) = own else {
        if !lines.is_empty() {
            lines.push("\n".to_owned());
        }
        lines.push(format!("{header}\n{line}"));
        return lines.concat();
    };
    let inside = own.saturating_add(1);
    let is_goal = |text: &String| text.split('=').next().map(str::trim) == Some("goal");
    let end = lines.iter().skip(inside).position(|text| text.trim_start().starts_with('['));
    let end = end.map_or(lines.len(), |end| inside.saturating_add(end));
    match (inside..end).find(|at| lines.get(*at).is_some_and(is_goal)) {
        Some(at) => {
            if let Some(place) = lines.get_mut(at) {
                *place = line;
            }
        }
        None => lines.insert(inside, line),
    }
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_added_or_replaced() {
        for (text, expected) in [
            ("", "[vm.100]\ngoal = \"display\"\n"),
            ("offline = true", "offline = true\n\n[vm.100]\ngoal = \"display\"\n"),
            (
                "[vm.100]\n[vm.101]\ngoal = 'x'\n",
                "[vm.100]\ngoal = \"display\"\n[vm.101]\ngoal = 'x'\n",
            ),
            ("[vm.100] # a\ngoal = \"compute\"\n", "[vm.100] # a\ngoal = \"display\"\n"),
        ] {
            assert_eq!(remember(text, 100, Goal::Display), expected, "{text}");
        }
    }
}
