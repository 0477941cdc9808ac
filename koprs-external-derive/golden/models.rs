#[external(
    object_store(
        url = "s3://{bucket}/{environment}/models/",
        option(
            "aws_region" = "eu-west-1",
            "aws_allow_http" = true,
            "aws_access_key_id" = "{id}",
            "aws_secret_access_key" = env("MODELS_KEY"),
            "aws_session_token" = file("/run/token"),
        ),
        include("**/*.{yaml,yml}", "*.json"),
        exclude("tmp/**"),
        settle = "5s",
        concurrency = 4,
        listing_concurrency = 2,
        object_limit = 1_000,
        body_limit = "1MiB",
    ),
    params(bucket: String, environment: &str, id: String),
    decode = yaml,
    ignore("/updated_at"),
    distinct,
    removal(hold_above = "25%", hold_min = 20),
    interval = "30s",
)]
struct Model {
    name: String,
}
