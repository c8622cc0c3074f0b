//! What `template.yaml` promises, held against the code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use local::gateway::path::ApiPath;
use local::gateway::routes::Routes;
use local::template::{Function, Template};
use serde_json::{Map, Value};
use serde_norway::Value as Yaml;
use store::keys::{attr, index};
use testkit::{Ask, World};

use crate::catalog::{HTTP, operations};

/// The stage and its aliases.
const BASES: [&str; 3] = ["/v1", "/api", "/api/v1"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn template() -> Template {
    Template::read(local::TEMPLATE, &BTreeMap::new()).expect("the template can be run on one machine")
}

/// Which function each route leads to.
fn routes(template: &Template) -> Routes<String> {
    let mut routes = Routes::default();
    for Function { binary, routes: own, .. } in &template.functions {
        for route in own {
            routes.add(route, binary.clone()).expect("no two routes are the same");
        }
    }
    routes
}

#[test]
fn every_operation_is_routed_to_the_function_that_serves_it_under_all_three_names() {
    let template = template();
    let routes = routes(&template);
    let mut wrong = Vec::new();
    for operation in operations() {
        for base in BASES {
            let raw = format!("{base}{}", operation.filled("x"));
            let path = ApiPath::read(&raw, &template.stage).expect("text").expect("a path of the API");
            let method = operation.method.parse().expect("a method");
            let found = routes.find(&method, path.route()).map(|matched| matched.to.as_str());
            if found != Some(operation.function) {
                wrong.push(format!("{} {raw} leads to {found:?}, not to {}", operation.method, operation.function));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_function_takes_off_the_stage_and_its_aliases() {
    let world = World::new().await;
    let routers: BTreeMap<&str, axum::Router> =
        HTTP.iter().map(|function| (function.name, (function.router)(world.app()))).collect();
    for operation in operations().iter().filter(|operation| !operation.public) {
        for base in BASES {
            let path = format!("{base}{}", operation.filled("x"));
            let answer = Ask::new(&operation.method, &path).of(&routers[operation.function]).await;
            assert_eq!(answer.status, 401, "{} {path}", operation.method);
        }
    }
}

#[test]
fn the_template_and_the_folders_name_the_same_functions() {
    let template = template();
    let functions: BTreeSet<String> = template.functions.iter().map(|function| function.binary.clone()).collect();
    let crates: BTreeSet<String> = std::fs::read_dir(root().join("functions"))
        .expect("there are functions")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| root().join("functions").join(name).join("Cargo.toml").is_file())
        .collect();
    assert_eq!(functions, crates);
    let with_routes: BTreeSet<&str> = template
        .functions
        .iter()
        .filter(|function| !function.routes.is_empty())
        .map(|function| function.binary.as_str())
        .collect();
    assert_eq!(with_routes, HTTP.iter().map(|function| function.name).collect());
    assert_eq!(local::registered().map(str::to_owned).collect::<BTreeSet<_>>(), functions);
}

#[test]
fn every_function_has_a_sample_event() {
    for function in template().functions {
        let sample = root().join("events").join(format!("{}.json", function.binary));
        assert!(sample.is_file(), "{} is missing", sample.display());
    }
}

#[test]
fn every_queue_that_is_worked_has_a_queue_for_what_failed() {
    let Template { queues, functions, .. } = template();
    let names: BTreeSet<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    for mapping in functions.iter().flat_map(|function| &function.queues) {
        let queue = queues.iter().find(|queue| queue.name == mapping.queue).expect("a queue of the template");
        let redrive = queue.redrive.as_ref().expect("what failed goes somewhere");
        assert!(names.contains(redrive.dead_letters.as_str()), "{}", redrive.dead_letters);
        assert!(mapping.reports_failures, "{}: one bad message must not bring back the others", mapping.queue);
    }
    for mapping in functions.iter().flat_map(|function| &function.streams) {
        let failed = mapping.on_failure.as_ref().expect("what was given up is told");
        assert!(names.contains(failed.queue.as_str()), "{}", failed.queue);
        assert!(mapping.retries.is_some() && mapping.reports_failures && mapping.bisects, "{}", mapping.table);
    }
    let worked: BTreeSet<&str> =
        functions.iter().flat_map(|function| &function.queues).map(|mapping| mapping.queue.as_str()).collect();
    let failed: BTreeSet<&str> = queues
        .iter()
        .filter_map(|queue| Some(queue.redrive.as_ref()?.dead_letters.as_str()))
        .chain(
            functions
                .iter()
                .flat_map(|function| &function.streams)
                .filter_map(|mapping| Some(mapping.on_failure.as_ref()?.queue.as_str())),
        )
        .collect();
    assert_eq!(names, worked.union(&failed).copied().collect(), "a queue that nobody reads");
}

#[test]
fn the_table_has_the_keys_and_indexes_that_the_store_asks() {
    let template = template();
    let [table] = template.tables.as_slice() else { panic!("one table") };
    let keys = |schema: &Value| -> Vec<String> {
        let all = schema.as_array().expect("a key schema").iter();
        all.map(|key| key["AttributeName"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(keys(&table.definition["KeySchema"]), [attr::PK, attr::SK]);
    let indexes: BTreeMap<String, Vec<String>> = table.definition["GlobalSecondaryIndexes"]
        .as_array()
        .expect("indexes")
        .iter()
        .map(|index| (index["IndexName"].as_str().expect("a name").to_owned(), keys(&index["KeySchema"])))
        .collect();
    let expected = [
        (index::LIST1, [attr::L1PK, attr::PLACE]),
        (index::LIST2, [attr::L2PK, attr::PLACE]),
        (index::LIST3, [attr::L3PK, attr::PLACE]),
        (index::DUE, [attr::DUEPK, attr::DUESK]),
    ];
    assert_eq!(indexes, expected.map(|(name, keys)| (name.to_owned(), keys.map(str::to_owned).to_vec())).into());
    assert_eq!(table.definition["TimeToLiveSpecification"]["AttributeName"], attr::TTL);
    assert_eq!(table.definition["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    let due = table.definition["GlobalSecondaryIndexes"]
        .as_array()
        .and_then(|all| all.iter().find(|index| index["IndexName"] == index::DUE));
    assert_eq!(due.expect("an index")["Projection"]["NonKeyAttributes"], serde_json::json!([attr::KIND]));
}

/// Resources with a `*` that are as narrow as they can be: all files of one purpose in one bucket, all
/// connections of one API.
const PREFIXES: [&str; 6] = [
    "${Files.Arn}/deliveries/*",
    "${Files.Arn}/files/*",
    "${Files.Arn}/tmp/*",
    "${Files.Arn}/imports/*",
    "${Files.Arn}/exports/*",
    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${SocketApi}/${SocketStage}/*/@connections/*",
];
/// Policies of AWS's own that a role may have: X-Ray knows no resources, so nobody can write it narrower.
const MANAGED_BY_AWS: [&str; 1] = ["arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"];

/// A statement of a policy, and whose it is.
struct Statement {
    place: String,
    kind: String,
    body: Map<String, Value>,
}

/// The texts of a value that may be one or many.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// JSON, with CloudFormation's functions as the text that they are given.
fn plain(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Sequence(values) => values.iter().map(plain).collect(),
        Yaml::Mapping(members) => members
            .iter()
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), plain(value))))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tagged) => plain(&tagged.value),
        scalar => serde_json::to_value(scalar).expect("a scalar is JSON"),
    }
}

fn resources() -> Map<String, Value> {
    let yaml: Yaml = serde_norway::from_str(local::TEMPLATE).expect("YAML");
    plain(&yaml)["Resources"].as_object().expect("resources").clone()
}

/// Every statement below any `PolicyDocument` of the template.
fn statements() -> Vec<Statement> {
    fn walk(value: &Value, place: &str, kind: &str, found: &mut Vec<Statement>) {
        let members = value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, member)| (format!("{place}.{name}"), name.as_str(), member));
        for (place, name, member) in members {
            if name == "PolicyDocument" {
                for statement in member["Statement"].as_array().expect("a policy has statements") {
                    let body = statement.as_object().expect("a statement").clone();
                    found.push(Statement { place: place.clone(), kind: kind.to_owned(), body });
                }
            } else {
                walk(member, &place, kind, found);
            }
        }
        for (number, member) in value.as_array().into_iter().flatten().enumerate() {
            walk(member, &format!("{place}.{number}"), kind, found);
        }
    }
    let mut found = Vec::new();
    for (id, resource) in resources() {
        walk(&resource["Properties"], &id, resource["Type"].as_str().expect("a type"), &mut found);
    }
    found
}

#[test]
fn every_policy_names_actions_and_resources_and_no_star() {
    let all = statements();
    assert!(all.len() > 10, "the policies were not found");
    for Statement { place, kind, body } in &all {
        let (actions, resources) = (texts(body.get("Action")), texts(body.get("Resource")));
        if body["Effect"] == "Deny" {
            // A refusal must name everything: the bucket's, of whoever comes without TLS.
            assert_eq!(
                (kind.as_str(), body["Sid"].as_str()),
                ("AWS::S3::BucketPolicy", Some("OnlyOverTls")),
                "{place}"
            );
            continue;
        }
        assert_eq!(body["Effect"], "Allow", "{place}");
        assert!(!actions.is_empty() && !resources.is_empty(), "{place} names no action or no resource");
        for action in &actions {
            assert!(action.contains(':') && !action.contains('*'), "{place}: {action}");
            assert_ne!(action, "dynamodb:Scan", "{place}: nobody scans");
        }
        for resource in resources.iter().filter(|resource| !PREFIXES.contains(&resource.as_str())) {
            assert!(!resource.contains('*'), "{place}: {resource}");
        }
        for member in ["NotAction", "NotResource", "NotPrincipal"] {
            assert!(!body.contains_key(member), "{place}: {member} allows what it does not name");
        }
    }
}

/// What a role may do with the key of data keys.
fn has(role: &Value, policy: &str) -> bool {
    texts(role["Properties"].get("ManagedPolicyArns")).iter().any(|own| own == policy)
}

#[test]
fn data_keys_are_opened_by_who_reads_records_and_made_by_who_writes_them() {
    let all = resources();
    let mut opened = 0;
    for (id, role) in all.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role") {
        assert_eq!(has(role, "OpenDataKeys"), has(role, "ReadTable"), "{id}");
        assert_eq!(has(role, "MakeDataKeys"), has(role, "WriteTable"), "{id}");
        opened += usize::from(has(role, "OpenDataKeys"));
    }
    assert!(opened > 5);
    for (policy, action) in [("OpenDataKeys", "kms:Decrypt"), ("MakeDataKeys", "kms:GenerateDataKey")] {
        let statement = &all[policy]["Properties"]["PolicyDocument"]["Statement"][0];
        let told = (texts(statement.get("Action")), texts(statement.get("Resource")));
        assert_eq!(told, (vec![action.to_owned()], vec!["DataKey.Arn".to_owned()]));
        assert_eq!(statement["Condition"]["StringEquals"]["kms:EncryptionContext:purpose"], "sampark");
    }
    let key = &all["DataKey"];
    assert_eq!((&key["DeletionPolicy"], &key["UpdateReplacePolicy"]), (&"Retain".into(), &"Retain".into()));
    assert_eq!(key["Properties"]["EnableKeyRotation"], true);
    // The key's own policy hands the decision to the policies above, and names nobody else.
    let statements = key["Properties"]["KeyPolicy"]["Statement"].as_array().expect("statements");
    let [account] = statements.as_slice() else { panic!("one statement: {statements:?}") };
    assert_eq!(account["Principal"]["AWS"], "arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
}

#[test]
fn every_role_has_policies_of_this_template_and_x_rays() {
    let all = resources();
    let own: BTreeSet<&str> = all
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::IAM::ManagedPolicy")
        .map(|(id, _)| id.as_str())
        .collect();
    let roles: Vec<_> = all.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role").collect();
    assert_eq!(roles.len(), template().functions.len(), "one role a function");
    for (id, role) in roles {
        for policy in texts(role["Properties"].get("ManagedPolicyArns")) {
            assert!(own.contains(policy.as_str()) || MANAGED_BY_AWS.contains(&policy.as_str()), "{id}: {policy}");
        }
    }
    for (id, function) in all.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function") {
        let properties = &function["Properties"];
        let role = properties["Role"].as_str().and_then(|role| role.strip_suffix(".Arn"));
        assert_eq!(role, Some(id.replace("Function", "Role").as_str()), "{id} has a role of its own");
        assert!(properties.get("Policies").is_none(), "{id}: SAM's policies name every resource of the account");
    }
}
