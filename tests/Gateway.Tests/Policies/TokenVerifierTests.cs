using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CacheGateway.Model;
using CacheGateway.Policies;

namespace Gateway.Tests.Policies;

public sealed class TokenVerifierTests
{
    private const string Good = """{"iss": "me", "aud": "shop", "exp": 1000, "sub": "anna"}""";

    private static readonly RSA RsaKey = RSA.Create(2048);
    private static readonly ECDsa EcKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);
    private static readonly TokenVerifier Verifier = PolicyText.Table($"{{'policies': {{}}, 'tokens': {Tokens()}}}").Tokens!;

    [Theory]
    [InlineData("HS256", "secret")]
    [InlineData("RS256", "rsa")]
    [InlineData("ES256", "ec")]
    public void Verify_GoodToken_GivesTheClaimAndItsEnd(string algorithm, string key)
    {
        var expected = new VerifiedClaim("\"anna\"", "me", "shop", DateTimeOffset.FromUnixTimeSeconds(1000));

        Assert.Equal(expected, Verify(Token($$"""{"alg": "{{algorithm}}", "kid": "{{key}}"}""", Good)));
        Assert.Equal(expected, Verify(Token($$"""{"alg": "{{algorithm}}"}""", Good)));
        Assert.Equal(expected, Verifier.Verify("bearer " + Token($$"""{"alg": "{{algorithm}}"}""", Good), "sub", At(999)));
    }

    [Theory]
    [InlineData("""{"iss": "me", "aud": ["x", "shop"], "exp": 1000.5, "nbf": 500, "sub": "anna"}""", "\"anna\"")]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": 7}""", "7")]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": "7"}""", "\"7\"")]
    [InlineData("""{"iss": "you", "aud": "shop", "exp": 1000, "sub": "anna"}""", null)]
    [InlineData("""{"aud": "shop", "exp": 1000, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "other", "exp": 1000, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": ["other"], "exp": 1000, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "exp": 1000, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 500, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": "1000", "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1e300, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "nbf": 501, "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "nbf": "x", "sub": "anna"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": ""}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": null}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": ["anna"]}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": "\ud800"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": "anna", "sub": "bob"}""", null)]
    [InlineData("""{"iss": "me", "aud": "shop", "exp": 1000, "sub": "anna", "\ud800": 1, "\ud800": 2}""", null)]
    [InlineData("""["iss"]""", null)]
    [InlineData("no json", null)]
    public void Verify_Payload_OnlyRightAndCompleteOnes(string payload, string? value) =>
        Assert.Equal(value, Verify(Token("""{"alg": "HS256"}""", payload))?.Value);

    [Theory]
    [InlineData("""{"alg": "none"}""")]
    [InlineData("""{"alg": "hs256"}""")]
    [InlineData("""{"alg": "HS512"}""")]
    [InlineData("""{"kid": "secret"}""")]
    [InlineData("""{"alg": "HS256", "kid": "other"}""")]
    [InlineData("""{"alg": "HS256", "kid": "rsa"}""")]
    [InlineData("""{"alg": "HS256", "kid": 1}""")]
    [InlineData("""{"alg": "HS256", "crit": ["b64"], "b64": false}""")]
    [InlineData("""{"alg": "RS256"}""")]
    [InlineData("7")]
    public void Verify_SignedButOtherwise_IsRefused(string header)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(Good))}";

        Assert.Null(Verify($"{signed}.{Encode(HMACSHA256.HashData(Secret, Encoding.ASCII.GetBytes(signed)))}"));
        Assert.Null(Verify(signed + "."));
    }

    [Fact]
    public void Verify_PublicKeyAsSecret_IsRefused()
    {
        var signed = $"{Encode("""{"alg": "HS256", "kid": "rsa"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(Good))}";

        Assert.Null(Verify($"{signed}.{Encode(HMACSHA256.HashData(RsaKey.ExportRSAPublicKey(), Encoding.ASCII.GetBytes(signed)))}"));
        Assert.Null(Verify($"{signed}.{Encode(HMACSHA256.HashData(RsaKey.ExportParameters(false).Modulus!, Encoding.ASCII.GetBytes(signed)))}"));
    }

    [Fact]
    public void Verify_AnyChange_IsRefused()
    {
        foreach (var algorithm in new[] { "HS256", "RS256", "ES256" })
        {
            var token = Token($$"""{"alg": "{{algorithm}}"}""", Good);

            // The last character of a part may hold unused bits; every other one counts.
            for (var i = 0; i < token.Length - 1; i += 3)
            {
                var changed = token.ToCharArray();
                changed[i] = changed[i] == 'A' ? 'B' : 'A';
                Assert.True(token[i + 1] == '.' || Verify(new string(changed)) is null, $"{algorithm} at {i}");
            }

            Assert.Null(Verify(token[..token.LastIndexOf('.')]));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer ..")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Bearer a.b.c.d")]
    [InlineData("Basic YWxpY2U6eA==")]
    [InlineData("Bearer é.é.é")]
    public void Verify_NoToken_IsRefused(string authorization) => Assert.Null(Verifier.Verify(authorization, "sub", At(500)));

    /// <summary>RFC 7515 2 and RFC 6750 2.1 know no such token: an origin that refuses it answers as for nobody, and that must not be everybody's of the claim.</summary>
    [Theory]
    [InlineData("Bearer {0} ")]
    [InlineData("Bearer  {0}")]
    [InlineData("Bearer {0}=")]
    [InlineData("Bearer {1} {2}")]
    [InlineData("Bearer {1}\t{2}")]
    public void Verify_RightToken_OtherwiseWritten_IsRefused(string form)
    {
        var token = Token("""{"alg": "HS256"}""", Good);

        Assert.NotNull(Verifier.Verify($"Bearer {token}", "sub", At(500)));
        Assert.Null(Verifier.Verify(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, token, token[..^5], token[^5..]), "sub", At(500)));
    }

    [Fact]
    public void Verify_Edges()
    {
        var token = "Bearer " + Token("""{"alg": "HS256"}""", """{"iss": "me", "aud": "shop", "exp": 1000, "nbf": 500, "tenant": 3}""");

        Assert.Null(Verifier.Verify(token, "tenant", At(499)));
        Assert.NotNull(Verifier.Verify(token, "tenant", At(500)));
        Assert.NotNull(Verifier.Verify(token, "tenant", At(999)));
        Assert.Null(Verifier.Verify(token, "tenant", At(1000)));
        Assert.Null(Verifier.Verify(token + new string(' ', 20_000), "tenant", At(500)));
        Assert.Null(Verifier.Verify(token, "Tenant", At(500)));
    }

    [Fact]
    public void ClaimIdentity_WithTokens_ReachesThePolicy()
    {
        var table = PolicyText.Table($"{{'policies': {{'p': {{'key': {{'identity': 'claim:tenant_id'}}}}}}, 'tokens': {Tokens()}}}");

        Assert.Equal((IdentityRule.Claim, "tenant_id"), (table.Policies[0].Key.Identity, table.Policies[0].Key.Claim));
        Assert.NotNull(table.Tokens);
        Assert.Null(CachePolicyTable.Empty.Tokens);
    }

    [Theory]
    [InlineData("{}", "$.tokens.issuer: is missing")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['none'], 'keys': {}}", "$.tokens.algorithms[0]: \"none\" must be one of \"HS256\", \"RS256\", \"ES256\"")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': [], 'keys': {}}", "$.tokens.algorithms: must not be empty")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['RS256'], 'keys': {}}", "$.tokens.algorithms[0]: \"RS256\" has no key under \"keys\"")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['HS256'], 'keys': {'k1': {'kty': 'oct', 'k': 'c2VjcmV0'}}}", "$.tokens.keys.k1: must have at least 32 bytes")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['HS256'], 'keys': {'k1': {'kty': 'oct', 'k': 'c2VjcmV0 !'}}}", "$.tokens.keys.k1.k: must be bytes in base64url")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['HS256'], 'keys': {'k1': 'c2VjcmV0'}}", "$.tokens.keys.k1: must be an object")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['HS256'], 'keys': {'k1': {'kty': 'oct'}}}", "$.tokens.keys.k1: must have \"k\"")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['RS256'], 'keys': {'k1': {'kty': 'RSA', 'n': 'AQAB', 'e': 'AQAB'}}}", "$.tokens.keys.k1: ")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['RS256'], 'keys': {'k1': {'kty': 'RSA'}}}", "$.tokens.keys.k1: must have \"n\" and \"e\"")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['ES256'], 'keys': {'k1': {'kty': 'EC', 'crv': 'P-256', 'x': 'AQAB', 'y': 'AQAB'}}}", "$.tokens.keys.k1: is no EC key")]
    [InlineData("{'issuer': 'a', 'audience': 'b', 'algorithms': ['RS256'], 'keys': {'k1': {'kty': 'oct', 'k': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}}}", "$.tokens.keys.k1: is for HS256, which \"algorithms\" does not name")]
    public void Tokens_ThatVerifyNothing_AreErrors(string tokens, string error)
    {
        var errors = PolicyText.Errors($"{{'policies': {{}}, 'tokens': {tokens}}}");

        Assert.StartsWith("policies.json: " + error, errors[0], StringComparison.Ordinal);
        Assert.All(errors, line => Assert.DoesNotContain("c2VjcmV0", line, StringComparison.Ordinal));
    }

    /// <summary>A member that is wrong is there: that it is missing would be a second story.</summary>
    [Theory]
    [InlineData("{'kty': 'RSA', 'n': 'no base64!', 'e': 'AQAB'}", "$.tokens.keys.k1.n: must be bytes in base64url")]
    [InlineData("{'kty': 'oct', 'k': 'no base64!'}", "$.tokens.keys.k1.k: must be bytes in base64url")]
    [InlineData("{'kty': 'RSA', 'n': '\\n', 'e': 'AQAB'}", "$.tokens.keys.k1.n: must be bytes in base64url")]
    [InlineData("{'kty': 'RSA', 'n': 'AQAB', 'e': ' '}", "$.tokens.keys.k1.e: must be bytes in base64url")]
    [InlineData("{'kty': 'oct', 'k': '=='}", "$.tokens.keys.k1.k: must be bytes in base64url")]
    public void Key_WithAMemberThatIsWrong_IsOneError(string key, string error) =>
        Assert.Equal("policies.json: " + error, Assert.Single(PolicyText.Errors($"{{'policies': {{}}, 'tokens': {{'issuer': 'a', 'audience': 'b', 'algorithms': ['RS256', 'HS256'], 'keys': {{'k1': {key}}}}}}}")));

    private static VerifiedClaim? Verify(string token) => Verifier.Verify("Bearer " + token, "sub", At(500));

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static string Token(string header, string payload)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = header.Contains("RS256", StringComparison.Ordinal) ? RsaKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : header.Contains("ES256", StringComparison.Ordinal) ? EcKey.SignData(bytes, HashAlgorithmName.SHA256)
            : HMACSHA256.HashData(Secret, bytes);
        return $"{signed}.{Encode(signature)}";
    }

    private static string Tokens()
    {
        var rsa = RsaKey.ExportParameters(false);
        var ec = EcKey.ExportParameters(false).Q;
        return $$"""
            { 'issuer': 'me', 'audience': 'shop', 'algorithms': ['HS256', 'RS256', 'ES256'], 'keys': {
                'secret': { 'kty': 'oct', 'k': '{{Encode(Secret)}}' },
                'rsa': { 'kty': 'RSA', 'n': '{{Encode(rsa.Modulus)}}', 'e': '{{Encode(rsa.Exponent)}}' },
                'ec': { 'kty': 'EC', 'crv': 'P-256', 'x': '{{Encode(ec.X)}}', 'y': '{{Encode(ec.Y)}}' } } }
            """;
    }
}
