//! The JSON schemas of the reports, in `docs/schema/1`: what is there is what the types are.

use super::{
    build, catalog, checks, completions, config, doctor, explain, extract, failure, file, install,
    list, pick, repair, scan, setup, status, test, undo, vm_plan,
};
use crate::args::Cli;
use clap::{Command, CommandFactory as _};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The schema of a report, with what every object begins with.
fn of<T: JsonSchema>(command: Value, title: &str) -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let object: &mut Map<String, Value> = schema.ensure_object();
    object.insert("title".to_owned(), json!(title));
    let properties = object.entry("properties").or_insert_with(|| json!({}));
    properties["schema"] = json!({ "const": 1 });
    properties["command"] = command;
    let required = object.entry("required").or_insert_with(|| json!([]));
    let own = required.as_array().unwrap();
    *required = [json!("schema"), json!("command")].iter().chain(own).cloned().collect();
    schema.to_value()
}

fn report<T: JsonSchema>(command: &str) -> (String, Value) {
    (
        command.replace(' ', "-"),
        of::<T>(json!({ "const": command }), &format!("oprom {command} --json")),
    )
}

/// All of them, by the names of their files.
fn all() -> BTreeMap<String, Value> {
    let any_command = json!({ "type": ["string", "null"], "description": "Absent if the command \
        line names none." });
    let mut all = BTreeMap::from([
        report::<build::Build>("build"),
        report::<catalog::Lint>("catalog lint"),
        report::<catalog::Differences>("catalog diff"),
        report::<catalog::Differences>("catalog update"),
        report::<completions::Completions>("completions"),
        report::<config::Config>("config"),
        report::<doctor::Doctor>("doctor"),
        report::<explain::Explain>("explain"),
        report::<extract::Extract>("extract"),
        report::<install::Fetch>("fetch"),
        report::<file::Check>("check"),
        report::<repair::Repair>("repair"),
        report::<undo::History>("history"),
        report::<install::Install>("install"),
        report::<pick::Pick>("pick"),
        report::<explain::Pasted>("report"),
        report::<scan::Hit>("scan"),
        report::<setup::Setup>("setup"),
        report::<test::Test>("test"),
        report::<status::Status>("status"),
        report::<file::Show>("show"),
        report::<checks::VmCheck>("vm check"),
        report::<vm_plan::VmPlan>("vm plan"),
        report::<checks::VmVerify>("vm verify"),
        report::<undo::Undo>("redo"),
        report::<undo::Undo>("undo"),
        report::<list::List>("list"),
    ]);
    all.insert(
        "failure".to_owned(),
        of::<failure::Failure>(any_command, "What every command prints with --json when it fails"),
    );
    all
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema/1");
    let all = all();
    if std::env::var_os("OPROM_BLESS").is_some() {
        fs::create_dir_all(&folder).unwrap();
    }
    for (name, schema) in &all {
        let path = folder.join(format!("{name}.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
        if std::env::var_os("OPROM_BLESS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text == expected,
            "{}: OPROM_BLESS=1 writes it, and the difference is for a person to read",
            path.display()
        );
    }
    let there = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        there.collect::<BTreeSet<_>>(),
        all.keys().map(|name| format!("{name}.json")).collect()
    );
}

/// The names of the commands, with those of their groups before them.
fn commands(command: &Command, before: &str, names: &mut Vec<String>) {
    if !command.has_subcommands() {
        names.push(before.to_owned());
    }
    for inner in command.get_subcommands() {
        let name = inner.get_name();
        commands(
            inner,
            &if before.is_empty() { name.to_owned() } else { format!("{before}-{name}") },
            names,
        );
    }
}

#[test]
fn every_command_has_a_schema() {
    let mut names = Vec::new();
    commands(&Cli::command(), "", &mut names);
    let all = all();
    let without: Vec<&String> = names.iter().filter(|name| !all.contains_key(*name)).collect();
    assert_eq!(without, [""; 0]);
}
