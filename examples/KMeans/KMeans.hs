-- Groups Fisher's Iris flowers by k-means, and says how well the groups agree with the species
-- that the botanist saw.
--
--   kmeans [CLUSTERS]        reads iris.csv from the current directory: a unikernel's RAM disk
module Main (main) where

import Control.Exception (try)
import Control.Monad (forM_, unless)
import Data.Bits (shiftR)
import Data.List (foldl', intercalate, minimumBy, permutations, sortOn, transpose)
import qualified Data.Map.Strict as Map
import Data.Ord (comparing)
import Data.Word (Word64)
import System.Environment (getArgs, getProgName)
import System.Exit (die)
import System.IO.Error (ioeGetErrorString)
import Text.Printf (printf)
import Text.Read (readMaybe)

type Point = [Double]

data Flower = Flower { size :: Point, species :: String }

-- | What one run of the algorithm found.
data Clustering = Clustering
  { centres :: [Point]
  , members :: [Int]      -- ^ The cluster of each flower.
  , inertia :: Double     -- ^ The sum of squared distances to the centres: less is better.
  , rounds :: Int }

-- ---- Reading ----

readFlowers :: String -> Either String ([String], [Flower])
readFlowers text = case lines text of
  [] -> Left "iris.csv is empty"
  header : rows -> (,) (init (fields header)) <$> mapM flower (zip [2 :: Int ..] rows)
  where
    flower (n, row)
      | length cells == 5, Just numbers <- mapM readMaybe (init cells) = Right (Flower numbers (last cells))
      | otherwise = Left (printf "iris.csv, line %d: expected four numbers and a species, got %s" n (show row))
      where cells = fields row

fields :: String -> [String]
fields s = case break (== ',') s of
  (value, _ : rest) -> value : fields rest
  (value, []) -> [filter (/= '\r') value]

-- ---- k-means ----

distance :: Point -> Point -> Double
distance a b = sum (zipWith (\x y -> (x - y) * (x - y)) a b)

mean :: [Point] -> Point
mean ps = map ((/ fromIntegral (length ps)) . sum) (transpose ps)

-- | The index of the nearest centre.
nearest :: [Point] -> Point -> Int
nearest cs p = snd (minimum (zip (map (distance p) cs) [0 ..]))

-- | A stream of numbers in [0, 1) from a linear congruential generator, the same on every machine.
uniforms :: Word64 -> [Double]
uniforms = map (\x -> fromIntegral (x `shiftR` 11) / 9007199254740992) . tail . iterate (\x -> x * 6364136223846793005 + 1442695040888963407)

-- | First centres as in k-means++: each is drawn with a probability that grows with the square of its
-- distance to those already chosen.
seeds :: Int -> [Double] -> [Point] -> [Point]
seeds k us ps = go (take 1 (drop (floor (head us * fromIntegral (length ps))) ps)) (take (k - 1) (tail us))
  where
    go chosen [] = reverse chosen
    go chosen (u : rest) = go (pick (u * last sums) : chosen) rest
      where
        sums = scanl1 (+) [minimum (map (distance p) chosen) | p <- ps]
        pick limit = snd (head ([sp | sp <- zip sums ps, fst sp > limit] ++ [(0, last ps)]))

-- | Moves the centres to the means of their clusters until no flower changes its cluster.
cluster :: [Point] -> [Point] -> Clustering
cluster ps = go 1 []
  where
    go n before cs
      | now == before = Clustering cs now (sum (zipWith (\p c -> distance p (cs !! c)) ps now)) n
      | otherwise = go (n + 1) now (zipWith move [0 ..] cs)
      where
        now = map (nearest cs) ps
        groups = Map.fromListWith (++) (zip now (map pure ps))
        move i c = maybe c mean (Map.lookup i groups)

-- | The best of several runs from different seeds, its clusters ordered by their centres.
best :: Int -> Int -> [Point] -> Clustering
best restarts k ps = Clustering (map (centres c !!) order) (map (rank Map.!) (members c)) (inertia c) (rounds c)
  where
    c = minimumBy (comparing inertia) [cluster ps (seeds k (uniforms (fromIntegral seed)) ps) | seed <- [1 .. restarts]]
    order = sortOn (centres c !!) [0 .. k - 1]
    rank = Map.fromList (zip order [0 ..])

-- ---- Comparing with the species ----

type Table = Map.Map (Int, String) Int

cell :: Table -> Int -> String -> Int
cell t c s = Map.findWithDefault 0 (c, s) t

-- | The share of flowers in the right place, if each species is given the cluster that suits it best and no two the same.
agreement :: Table -> Int -> [String] -> Double
agreement t k names = 100 * fromIntegral most / fromIntegral (sum (Map.elems t))
  where
    most = maximum (map (sum . zipWith (flip (cell t)) names) (choices (length names)))
    choices n | k <= n = concatMap permutations [[0 .. k - 1] ++ replicate (n - k) (-1)]
              | otherwise = choose n [0 .. k - 1]
    choose :: Int -> [Int] -> [[Int]]
    choose 0 _ = [[]]
    choose n xs = [x : rest | x <- xs, rest <- choose (n - 1) (filter (/= x) xs)]

-- | 1 for equal partitions, about 0 for unrelated ones.
adjustedRand :: Table -> Double
adjustedRand t
  | highest == expected = 1
  | otherwise = (both - expected) / (highest - expected)
  where
    pairs ns = sum [fromIntegral n * (fromIntegral n - 1) / 2 | n <- ns] :: Double
    totals :: Ord key => ((Int, String) -> key) -> [Int]
    totals f = Map.elems (Map.fromListWith (+) [(f key, n) | (key, n) <- Map.toList t])
    both = pairs (Map.elems t)
    byCluster = pairs (totals fst)
    bySpecies = pairs (totals snd)
    expected = byCluster * bySpecies / pairs [sum (Map.elems t)]
    highest = (byCluster + bySpecies) / 2

-- ---- The program ----

main :: IO ()
main = do
  args <- getArgs
  k <- case args of
    [] -> return 3
    [a] -> maybe (complain ("the number of clusters is not a whole number: " ++ show a)) return (readMaybe a)
    _ -> complain "give one argument at most, the number of clusters"
  text <- try (readFile "iris.csv") >>= either (\e -> complain ("iris.csv: " ++ ioeGetErrorString e)) return
  (columns, flowers) <- either complain return (readFlowers text)
  let rows = length flowers
  unless (k >= 1 && k <= rows) $
    complain (printf "the number of clusters is from 1 to %d, the number of flowers, and not %d" rows k)
  let result = best restarts k (map size flowers)
      names = Map.keys (Map.fromList [(species f, ()) | f <- flowers])
      table = foldl' (\t (c, f) -> Map.insertWith (+) (c, species f) 1 t) Map.empty (zip (members result) flowers)
  printf "%d flowers, %d species, k-means with %d cluster%s\n\n" rows (length names) k (if k == 1 then "" else "s")
  putStrLn (row "cluster" "size" columns names)
  forM_ (zip [0 ..] (centres result)) $ \(c, centre) -> do
    let counts = map (cell table c) names
    putStrLn (row (show (c + 1)) (show (sum counts)) (map (printf "%.2f") centre) (map show counts))
  printf "\nbest of %d starts: %d iterations, inertia %.4f\n" restarts (rounds result) (inertia result)
  printf "agreement with the species: %.1f %%, adjusted Rand index %.4f\n" (agreement table k names) (adjustedRand table)
  where
    restarts = 20 :: Int
    row :: String -> String -> [String] -> [String] -> String
    row c n centre counts = printf "%7s %5s %s %s" c n (cells 13 centre) (cells 11 counts)
    cells :: Int -> [String] -> String
    cells width = concatMap (printf "%*s" width)
    complain why = getProgName >>= \me -> die (intercalate ": " [me, why])
