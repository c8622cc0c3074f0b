//! The table, as `template.yaml` defines it.

use serde_json::{Map, Value};
use serde_norway::Value as Yaml;

/// The table's name in tests.
pub const TABLE: &str = "sampark-test";

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The properties of the template's one `AWS::DynamoDB::Table`, under the name [`TABLE`].
pub fn definition() -> Value {
    let template = plain(serde_norway::from_str(TEMPLATE).expect("template.yaml is YAML"));
    let resources = template["Resources"].as_object().expect("the template has resources");
    let table = resources
        .values()
        .find(|resource| resource["Type"] == "AWS::DynamoDB::Table")
        .expect("the template has a table");
    let mut properties = table["Properties"].clone();
    properties["TableName"] = TABLE.into();
    properties
}

/// JSON without CloudFormation's functions: what they would compute does not matter to the stand-in.
fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(value) => value.as_i64().map_or_else(|| value.as_f64().into(), Value::from),
        Yaml::String(value) => value.into(),
        Yaml::Sequence(values) => values.into_iter().map(plain).collect(),
        Yaml::Mapping(members) => members
            .into_iter()
            .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), plain(value))))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => plain(tagged.value),
    }
}
