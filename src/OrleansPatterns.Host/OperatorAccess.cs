namespace OrleansPatterns.StandaloneSilo;

/// <summary>Who may see and steer the cluster in a browser: whoever has the token, everybody, or, if nothing is set, nobody.</summary>
internal sealed class OperatorAccess
{
    private const int MinTokenLength = 16;

    private readonly string? _token;
    private readonly bool _isForEverybody;

    private OperatorAccess(string? token, bool isForEverybody) => (_token, _isForEverybody) = (token, isForEverybody);

    internal bool IsGiven => _token is not null || _isForEverybody;

    /// <returns><see langword="null"/>: the configuration is not valid, and the complaint says why.</returns>
    internal static OperatorAccess? From(IConfiguration configuration, out string complaint)
    {
        complaint = "";
        var (token, anonymous) = (configuration["Operators:Token"], configuration["Operators:AllowAnonymous"]);
        if (!string.IsNullOrEmpty(token) && token.Length < MinTokenLength)
        {
            complaint = $"Operators:Token has {token.Length} characters; it must have at least {MinTokenLength}. Set Operators__Token to a longer one, for instance of 'openssl rand -hex 32'.";
            return null;
        }

        var isForEverybody = false;
        if (!string.IsNullOrEmpty(anonymous) && !bool.TryParse(anonymous, out isForEverybody))
        {
            complaint = $"Operators:AllowAnonymous is '{anonymous}'; it must be true or false.";
            return null;
        }

        return new OperatorAccess(string.IsNullOrEmpty(token) ? null : token, isForEverybody);
    }

    internal void AddTo(IServiceCollection services)
    {
        if (_token is not null)
        {
            services.AddAuthentication(OperatorAuthentication.Name)
                .AddScheme<OperatorAuthenticationOptions, OperatorAuthentication>(OperatorAuthentication.Name, options => options.Token = _token);
            services.AddAuthorization();
        }
    }

    internal void Guard(IEndpointConventionBuilder endpoints)
    {
        if (_token is not null)
        {
            endpoints.RequireAuthorization();
        }
        else
        {
            endpoints.AllowAnonymous();
        }
    }
}
