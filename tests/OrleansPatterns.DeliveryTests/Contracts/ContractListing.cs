using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.Concurrency;
using OrleansPatterns.Locks;
using OrleansPatterns.Postgres;
using OrleansPatterns.Server.Storage;
using OrleansPatterns.Testing.Postgres;

namespace OrleansPatterns.DeliveryTests.Contracts;

/// <summary>All that crosses the wire or is stored, as the five packages have it now.</summary>
internal static class ContractListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    internal static IReadOnlyList<Assembly> Packages { get; } =
    [
        typeof(ILockGrain).Assembly,
        typeof(OrleansPatternsSiloBuilderExtensions).Assembly,
        typeof(PostgresOptions).Assembly,
        typeof(SelfRegistrationExtensions).Assembly,
        typeof(LocalPostgres).Assembly,
    ];

    internal static IReadOnlyList<Type> Types { get; } =
    [
        .. Packages
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true
                && !type.IsDefined(typeof(CompilerGeneratedAttribute))),
    ];

    internal static IReadOnlyList<Type> Interfaces { get; } =
        [.. Types.Where(type => type.IsInterface && type.IsAssignableTo(typeof(Orleans.Runtime.IAddressable)))];

    internal static IReadOnlyList<Type> Grains { get; } = [.. Types.Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IGrain)))];

    internal static IReadOnlyList<Type> Serialized { get; } = [.. Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute)) && !type.IsEnum)];

    /// <summary>What is written by hand in place of a generated serializer.</summary>
    internal static IReadOnlyList<Type> HandWritten { get; } =
    [
        .. Types.Where(type => type.IsDefined(typeof(RegisterSerializerAttribute)) || type.IsDefined(typeof(RegisterCopierAttribute))
            || type.IsDefined(typeof(RegisterConverterAttribute)) || type.IsDefined(typeof(RegisterActivatorAttribute))),
    ];

    /// <summary>The members of a serialized type that have an id, by it.</summary>
    internal static IReadOnlyList<(uint Id, MemberInfo Member, Type Type)> MembersOf(Type type) =>
    [
        .. type.GetMembers(Declared)
            .Where(member => member.IsDefined(typeof(IdAttribute)))
            .Select(member => (member.GetCustomAttribute<IdAttribute>()!.Id, member, member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType))
            .OrderBy(member => member.Id),
    ];

    internal static string? AliasOf(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    internal static string GrainTypeOf(Type grain) => grain.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(null!, grain).ToString()
        ?? throw new InvalidOperationException($"{grain} has no [GrainType].");

    /// <summary>The states that a grain persists. Those that it reads late are named like its own type, which the tests with rows check.</summary>
    internal static IEnumerable<(string Name, Type Type)> StatesOf(Type grain)
    {
        foreach (var parameter in grain.GetConstructors().SelectMany(constructor => constructor.GetParameters()))
        {
            if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            {
                yield return (state.StateName, parameter.ParameterType.GenericTypeArguments[0]);
            }
        }

        foreach (var field in grain.GetFields(Declared).Where(field => field.FieldType is { IsGenericType: true }))
        {
            if (field.FieldType.GetGenericTypeDefinition() == typeof(LateState<>))
            {
                yield return (GrainTypeOf(grain)[GrainKeys.GrainTypePrefix.Length..], field.FieldType.GenericTypeArguments[0]);
            }
        }
    }

    internal static IReadOnlyList<ContractBlock> Make()
    {
        var reached = ContractReach.OfMembersAndMethods();
        var stored = ContractReach.Of(Grains.SelectMany(StatesOf).Select(state => state.Type));
        return
        [
            .. Grains.Select(GrainBlock).OrderBy(block => block.Header, StringComparer.Ordinal),
            .. Interfaces.Select(InterfaceBlock).OrderBy(block => block.Header, StringComparer.Ordinal),
            .. Serialized.Select(type => TypeBlock(type, stored)).OrderBy(block => block.Header, StringComparer.Ordinal),
            .. reached.Where(type => type.IsEnum).Select(type => EnumBlock(type, stored)).OrderBy(block => block.Header, StringComparer.Ordinal),
            .. HandWritten.Select(type => new ContractBlock($"hand-written {type.FullName}", [])).OrderBy(block => block.Header, StringComparer.Ordinal),
        ];
    }

    private static ContractBlock GrainBlock(Type grain) => new(
        $"grain {GrainTypeOf(grain)}",
        [
            .. grain.GetInterfaces().Where(Interfaces.Contains).Select(type => $"implements {ContractNames.Of(type)}").Order(StringComparer.Ordinal),
            .. StatesOf(grain).Select(state => $"stores \"{state.Name}\" {ContractNames.Of(state.Type)}").Order(StringComparer.Ordinal),
        ]);

    private static ContractBlock InterfaceBlock(Type type) => new(
        $"{(type.IsAssignableTo(typeof(IGrainObserver)) ? "observer" : "interface")} {ContractNames.Of(type)}",
        [
            $"version {type.GetCustomAttribute<VersionAttribute>()?.Version ?? 0}",
            .. type.GetInterfaces().Where(Interfaces.Contains).Select(other => $"implements {ContractNames.Of(other)}").Order(StringComparer.Ordinal),
            .. type.GetMethods().Select(MethodLine).Order(StringComparer.Ordinal),
        ]);

    private static string MethodLine(MethodInfo method)
    {
        string[] attributes =
        [
            .. method.IsDefined(typeof(ReadOnlyAttribute)) ? ["ReadOnly"] : Array.Empty<string>(),
            .. method.IsDefined(typeof(AlwaysInterleaveAttribute)) ? ["AlwaysInterleave"] : Array.Empty<string>(),
            .. method.IsDefined(typeof(OneWayAttribute)) ? ["OneWay"] : Array.Empty<string>(),
            .. method.GetCustomAttribute<ResponseTimeoutAttribute>() is { Timeout: { } timeout } ? [$"ResponseTimeout={timeout:c}"] : Array.Empty<string>(),
        ];
        var parameters = string.Join(", ", method.GetParameters().Select(parameter => ContractNames.Of(parameter.ParameterType)));
        return $"method {AliasOf(method) ?? method.Name}({parameters}): {ContractNames.Of(method.ReturnType)}{string.Concat(attributes.Select(name => $" [{name}]"))}";
    }

    private static ContractBlock TypeBlock(Type type, IReadOnlySet<Type> stored) => new(
        $"type {ContractNames.Of(type)}",
        [
            .. stored.Contains(type) ? ["stored"] : Array.Empty<string>(),
            .. type.IsValueType || type.BaseType == typeof(object) ? Array.Empty<string>() : [$"base {ContractNames.Of(type.BaseType!)}"],
            .. MembersOf(type).Select(member =>
                $"id {member.Id} {(member.Member.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}{member.Member.Name}: {ContractNames.Of(member.Type)}"),
        ]);

    private static ContractBlock EnumBlock(Type type, IReadOnlySet<Type> stored) => new(
        $"enum {ContractNames.Of(type)}",
        [
            .. stored.Contains(type) ? ["stored"] : Array.Empty<string>(),
            .. Enum.GetNames(type).Select(name => (Name: name, Value: Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)))
                .OrderBy(value => value.Value).Select(value => $"value {value.Value} {value.Name}"),
        ]);
}
