# The images of docker-compose.yml: --target host (the default) is the standalone silo, --target shop the sample.
#   docker build --tag orleanspatterns-host --build-arg VERSION=0.1.0 .
# Packages come from the lock files, so the same sources are built with the same packages.
ARG DOTNET_VERSION=10.0

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET_VERSION} AS restore
WORKDIR /source
# Restores from the lock files and refuses what is not in them; embeds no paths of the build machine.
ENV CI=true
# First what decides which packages there are, so that a change of code does not download them again.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/OrleansPatterns/*.csproj src/OrleansPatterns/packages.lock.json src/OrleansPatterns/
COPY src/OrleansPatterns.AspNetCore/*.csproj src/OrleansPatterns.AspNetCore/packages.lock.json src/OrleansPatterns.AspNetCore/
COPY src/OrleansPatterns.Host/*.csproj src/OrleansPatterns.Host/packages.lock.json src/OrleansPatterns.Host/
COPY src/OrleansPatterns.Postgres/*.csproj src/OrleansPatterns.Postgres/packages.lock.json src/OrleansPatterns.Postgres/
COPY src/OrleansPatterns.Server/*.csproj src/OrleansPatterns.Server/packages.lock.json src/OrleansPatterns.Server/
COPY src/OrleansPatterns.Testing/*.csproj src/OrleansPatterns.Testing/packages.lock.json src/OrleansPatterns.Testing/
COPY src/Samples/Shop/*.csproj src/Samples/Shop/packages.lock.json src/Samples/Shop/
RUN dotnet restore src/OrleansPatterns.Host/OrleansPatterns.Host.csproj && dotnet restore src/Samples/Shop/Shop.csproj

FROM restore AS build
ARG VERSION=0.1.0
COPY .editorconfig BannedSymbols.txt ./
COPY sql/ sql/
COPY src/ src/

FROM build AS build-host
RUN dotnet publish src/OrleansPatterns.Host/OrleansPatterns.Host.csproj --no-restore --configuration Release --output /app \
    -p:Version=${VERSION} -p:UseAppHost=false

FROM build AS build-shop
RUN dotnet publish src/Samples/Shop/Shop.csproj --no-restore --configuration Release --output /app \
    -p:Version=${VERSION} -p:UseAppHost=false

# No shell, no package manager, no root: what is not there needs no update and helps no intruder.
FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET_VERSION}-noble-chiseled AS runtime
WORKDIR /app
# URLS alone says where to listen; the base image would have the server warn that it overrules its own.
ENV ASPNETCORE_HTTP_PORTS= URLS=http://+:8080
# The web server, the silo, and the gateway for Orleans clients. The latter two are for trusted networks only.
EXPOSE 8080 11111 30000
# The user "app" of the base image.
USER 1654
# Alive, not ready: without its database a silo is not ready, and must not be replaced for it. The web server starts when the silo has joined the cluster, so
# this is also what others wait for.
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --start-interval=3s --retries=3 CMD ["dotnet", "OrleansPatterns.Host.dll", "--probe"]

FROM runtime AS shop
COPY --from=build-shop /app .
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --start-interval=3s --retries=3 CMD ["dotnet", "Shop.dll", "--probe"]
ENTRYPOINT ["dotnet", "Shop.dll"]

FROM runtime AS host
COPY --from=build-host /app .
ENTRYPOINT ["dotnet", "OrleansPatterns.Host.dll"]
