use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Template, TemplateError> {
    Template::read(text, &BTreeMap::new())
}

fn own() -> Template {
    read(crate::TEMPLATE).expect("the project's template is understood")
}

#[test]
fn every_function_of_the_template_is_registered_and_every_registered_one_is_in_the_template() {
    let template: BTreeSet<_> = own().functions.into_iter().map(|function| function.binary).collect();
    let registered: BTreeSet<_> = crate::registered().map(str::to_owned).collect();
    assert_eq!(template, registered);
}

#[test]
fn the_projects_template_is_read_whole() {
    let template = own();
    assert_eq!(template.stage, "v1");
    assert_eq!(template.buckets, ["sampark-files"]);

    let table = &template.tables[0];
    assert_eq!((table.name.as_str(), table.partition_key.as_str()), ("sampark-Table", "pk"));
    assert_eq!(table.definition["GlobalSecondaryIndexes"].as_array().map(Vec::len), Some(4));
    assert_eq!(table.definition["TimeToLiveSpecification"], json!({"AttributeName": "ttl", "Enabled": true}));

    let imports = template.function("imports").expect("there");
    let mapping = &imports.queues[0];
    assert_eq!((mapping.queue.as_str(), mapping.reports_failures), ("sampark-ImportsQueue", true));
    let queue = template.queues.iter().find(|queue| queue.name == mapping.queue).expect("its queue");
    let redrive = queue.redrive.as_ref().expect("dead letters");
    assert!(template.queues.iter().any(|queue| queue.name == redrive.dead_letters && queue.redrive.is_none()));
    assert!(queue.visibility >= 6 * imports.timeout, "as Lambda asks");
    assert_eq!(imports.environment["SAMPARK_IMPORTS_QUEUE"], standins::Sqs::queue_url("sampark-ImportsQueue"));

    let stream = &template.function("events").expect("there").streams[0];
    assert_eq!((stream.table.as_str(), stream.starts), ("sampark-Table", StartingPosition::Oldest));
    assert!(stream.bisects && stream.reports_failures && stream.retries.is_some() && stream.on_failure.is_some());

    let tick = template.function("tick").expect("there");
    assert_eq!(tick.schedules[0].every, SignedDuration::from_mins(1));

    let auth = template.function("auth").expect("there");
    assert_eq!(auth.environment["SAMPARK_SIGNING_SECRET"], "{{resolve:secretsmanager:sampark-SigningSecret}}");
    assert_eq!(auth.environment["SAMPARK_TABLE"], "sampark-Table", "what Globals says");
    assert!(auth.routes.contains(&Route { method: None, path: "/auth/{proxy+}".to_owned() }));
}

const SMALL: &str = r#"
Parameters:
  Origins: {Type: String, Default: "a,b"}
  Domain: {Type: String, Default: ""}
Conditions:
  HasDomain: !Not [!Equals [!Ref Domain, ""]]
  Both: !And [!Condition HasDomain, !Equals [!Ref Origins, "a,b"]]
Globals:
  Function: {Timeout: 7, Environment: {Variables: {ALL: !Ref Origins, OWN: "no"}}}
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: worker}}
    Properties:
      Role: !GetAtt WorkerRole.Arn
      Environment:
        Variables:
          OWN: !If [HasDomain, !Sub "https://${Domain}/v1", !Sub "urn:${AWS::StackName}:${!literal}"]
          BOTH: !If [Both, "yes", "no"]
          GONE: !If [HasDomain, x, !Ref AWS::NoValue]
          FIRST: !Select [0, !Split [",", !Ref Origins]]
          JOINED: !Join ["-", [!Ref Queue, !GetAtt Queue.QueueName]]
          NUMBER: 3
  WorkerRole: {Type: AWS::IAM::Role}
  Queue: {Type: AWS::SQS::Queue}
  Extra: {Type: AWS::SQS::Queue, Condition: HasDomain}
"#;

#[test]
fn intrinsic_functions_conditions_and_parameters_are_resolved() {
    let template = read(SMALL).expect("understood");
    let worker = template.function("worker").expect("there");
    let environment: Vec<_> = worker.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let url = standins::Sqs::queue_url("sampark-Queue");
    let expected = [
        ("ALL", "a,b"),
        ("BOTH", "no"),
        ("FIRST", "a"),
        ("JOINED", &format!("{url}-sampark-Queue")),
        ("NUMBER", "3"),
        ("OWN", "urn:sampark:${literal}"),
    ];
    assert_eq!(environment, expected);
    assert_eq!(worker.timeout.as_secs(), 7);
    assert_eq!(template.queues.len(), 1);

    let given = BTreeMap::from([("Domain".to_owned(), "crm.example".to_owned())]);
    let template = Template::read(SMALL, &given).expect("understood");
    let environment = &template.function("worker").expect("there").environment;
    assert_eq!((environment["OWN"].as_str(), environment["BOTH"].as_str()), ("https://crm.example/v1", "yes"));
    assert_eq!(environment["GONE"], "x");
    assert_eq!(template.queues.len(), 2);
}

#[test]
fn what_cannot_be_honoured_is_refused_by_name() {
    let function = |events: &str| {
        format!(
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {{BuildProperties: {{Binary: f}}}}\n    \
             Properties:\n      Events:\n        E: {events}\n  T: {{Type: AWS::DynamoDB::Table, Properties: \
             {{KeySchema: [{{AttributeName: pk, KeyType: HASH}}]}}}}\n  Q: {{Type: AWS::SQS::Queue}}\n"
        )
    };
    let stream = |more: &str| {
        function(&format!(
            "{{Type: DynamoDB, Properties: {{Stream: !GetAtt T.StreamArn, StartingPosition: LATEST, {more}}}}}"
        ))
    };
    for (text, named) in [
        ("Resources:\n  X: {Type: AWS::Lambda::Function}\n".to_owned(), "AWS::Lambda::Function"),
        ("Resources:\n  X: {Type: AWS::S3::Bucket, Condition: Nowhere}\n".to_owned(), "condition Nowhere"),
        ("Parameters:\n  P: {Type: String}\nResources: {}\n".to_owned(), "parameter P"),
        (function("{Type: S3, Properties: {}}"), "events of the type S3"),
        (function("{Type: SQS, Properties: {Queue: !GetAtt Q.Arn, BatchSize: 11}}"), "from 1 to 10 messages"),
        (function("{Type: SQS, Properties: {Queue: !GetAtt Q.Arn, FilterCriteria: {Filters: []}}}"), "FilterCriteria"),
        (function("{Type: SQS, Properties: {Queue: !GetAtt Q.Nothing}}"), "Q.Nothing"),
        (function("{Type: SQS, Properties: {Queue: !ImportValue x}}"), "!ImportValue"),
        (function("{Type: SQS, Properties: {Queue: {Ref: Q}}}"), "the long form Ref"),
        (function("{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}"), "retries of a schedule"),
        (stream(r#"FilterCriteria: {Filters: [{Pattern: '{"a": [{"numeric": [">", 1]}]}'}]}"#), "numeric"),
        (stream("TumblingWindowInSeconds: 5"), "TumblingWindowInSeconds"),
    ] {
        let refusal = read(&text).expect_err(&text).to_string();
        assert!(refusal.contains(named), "{named}: {refusal}");
    }
}
