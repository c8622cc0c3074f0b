//! What the reports say.

use domain::Role;
use serde_json::{Value, json};

use crate::support::{Office, from};

#[tokio::test]
async fn the_dashboard_has_the_shape_of_its_document() {
    let office = Office::new().await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    let nothing = json!({
        "overview": {"totalLeads": 0, "totalStudents": 0, "conversionRate": 0.0, "revenue": 0, "activeUsers": 0},
        "trends": {"leadsChange": 0.0, "studentsChange": 0.0, "conversionChange": 0.0, "revenueChange": 0.0},
        "leadSources": [],
        "conversionFunnel": [
            {"stage": "Lead", "count": 0, "percentage": 0.0},
            {"stage": "Assessment", "count": 0, "percentage": 0.0},
            {"stage": "Meeting", "count": 0, "percentage": 0.0},
            {"stage": "Converted", "count": 0, "percentage": 0.0},
        ],
        "communicationStats": {"total": 0, "email": 0, "sms": 0, "whatsapp": 0, "phone": 0},
    });
    assert_eq!(office.report(&admin, "dashboard?range=30d").await, nothing);
}

#[tokio::test]
async fn the_dashboard_compares_with_the_range_before() {
    let office = Office::new().await;
    let branch = office.tenant.branch;
    let before = office.arrive(4, branch, "Website").await;
    office.moves(before[0].clone(), "converted").await;
    office.days_later(7);
    let mut now = office.arrive(3, branch, "Website").await;
    now.extend(office.arrive(1, branch, "Facebook Ads").await);
    now.extend(office.arrive(1, office.tenant.other_branch, "").await);
    for lead in now.drain(..2) {
        office.moves(lead, "converted").await;
    }
    office.arrives(branch, Some(office.a_user()), from("Website")).await;

    let admin = office.world.a_person(&office.tenant, Role::Admin, branch).await;
    let dashboard = office.report(&admin, "dashboard?range=week").await;
    assert_eq!(
        dashboard["overview"],
        json!({"totalLeads": 6, "totalStudents": 2, "conversionRate": 33.3, "revenue": 0, "activeUsers": 1})
    );
    assert_eq!(
        dashboard["trends"],
        json!({"leadsChange": 50.0, "studentsChange": 100.0, "conversionChange": 33.3, "revenueChange": 0.0})
    );
    assert_eq!(
        dashboard["leadSources"],
        json!([
            {"source": "Website", "count": 4, "percentage": 66.7},
            {"source": "Unknown", "count": 1, "percentage": 16.7},
            {"source": "Facebook Ads", "count": 1, "percentage": 16.7},
        ])
    );
    assert_eq!(dashboard["conversionFunnel"][0], json!({"stage": "Lead", "count": 6, "percentage": 100.0}));
    assert_eq!(dashboard["conversionFunnel"][3], json!({"stage": "Converted", "count": 2, "percentage": 33.3}));

    let both = office.report(&admin, "dashboard?range=14d").await;
    assert_eq!((&both["overview"]["totalLeads"], &both["trends"]["leadsChange"]), (&json!(10), &json!(0.0)));
}

#[tokio::test]
async fn the_funnel_names_its_bottleneck() {
    let office = Office::new().await;
    for (n, lead) in office.arrive(8, office.tenant.branch, "Website").await.into_iter().enumerate() {
        match n {
            0 => drop(office.moves(lead, "lost").await),
            1..=4 => drop(office.moves(lead, "assessment").await),
            5 => {
                let lead = office.moves(lead, "assessment").await;
                let lead = office.moves(lead, "meeting").await;
                // Back and forth is one entry.
                let lead = office.moves(lead, "assessment").await;
                office.moves(lead, "meeting").await;
            }
            _ => {}
        }
    }
    let manager = office.world.a_person(&office.tenant, Role::Manager, office.tenant.branch).await;
    let funnel = office.report(&manager, "leads/funnel?range=today").await;
    assert_eq!((&funnel["agent_id"], &funnel["comparison"]), (&Value::Null, &Value::Null));
    assert_eq!(funnel["range"], json!({"from": "2026-11-20", "to": "2026-11-20"}));
    let line = |key: &str, name: &str, entered: u64, current: u64, conversion: Value, percentage: f64| {
        json!({"key": key, "name": name, "entered": entered, "current": current, "conversion": conversion,
            "percentage": percentage})
    };
    assert_eq!(
        funnel["stages"],
        json!([
            line("lead", "Lead", 8, 2, Value::Null, 100.0),
            line("assessment", "Assessment", 5, 4, json!(62.5), 62.5),
            line("meeting", "Meeting", 1, 1, json!(20.0), 12.5),
            line("converted", "Converted", 0, 0, json!(0.0), 0.0),
        ])
    );
    assert_eq!(funnel["lost"], json!({"entered": 1, "current": 1, "percentage": 12.5}));
    assert_eq!((&funnel["bottleneck"], &funnel["conversion_rate"]), (&json!("meeting"), &json!(0.0)));
    let tomorrow = {
        office.days_later(1);
        let manager = office.world.a_person(&office.tenant, Role::Manager, office.tenant.branch).await;
        office.report(&manager, "leads/funnel?range=today").await
    };
    assert_eq!((&tomorrow["stages"][0]["entered"], &tomorrow["stages"][0]["current"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn sources_and_standing_add_up() {
    let office = Office::new().await;
    office.arrive(2, office.tenant.branch, "Website").await;
    let fair = office.arrive(2, office.tenant.other_branch, "Fair").await;
    office.moves(fair[0].clone(), "assessment").await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    let sources = office.report(&admin, "leads/sources").await;
    assert_eq!(sources["range"], json!({"from": "2026-10-22", "to": "2026-11-20"}));
    assert_eq!(sources["total"], 4);
    assert_eq!(
        sources["sources"],
        json!([
            {"source": "Fair", "count": 2, "percentage": 50.0},
            {"source": "Website", "count": 2, "percentage": 50.0},
        ])
    );
    let standing = office.report(&admin, "leads/pipeline").await;
    assert_eq!(standing["total"], 4);
    let counts: Vec<_> = standing["stages"].as_array().expect("stages").iter().map(|stage| &stage["count"]).collect();
    assert_eq!(counts, [3, 1, 0, 0, 0]);
    assert_eq!((&standing["stages"][4]["key"], &standing["stages"][4]["kind"]), (&json!("lost"), &json!("lost")));
}
