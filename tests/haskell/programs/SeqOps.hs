-- Data.Sequence as a queue (Josephus), with index, splits and sorts.
module Main (main) where

import Data.Foldable
import qualified Data.Sequence as S
import Data.Sequence (Seq (..), (<|), (><), (|>))

main :: IO ()
main = do
  print (josephus 7 (S.fromList [1 .. 41 :: Int]))
  let s = S.fromList [5, 3, 9, 1, 7 :: Int]
  print (0 <| (s |> 10), S.length (s >< s), S.index s 2, S.lookup 9 s)
  print (S.sort s, S.reverse s, S.update 1 99 s, S.adjust' (* 2) 0 s)
  print (S.splitAt 2 s, S.spanl (> 2) s, S.chunksOf 2 (s |> 6))
  print (toList (S.zip s (S.fromFunction 5 (* 10))), sum s, S.findIndexL (== 9) s)
  print (foldl' (\q n -> S.drop 1 (q |> n)) (S.fromList [1, 2, 3]) [4 .. 1000 :: Int])
  where
    josephus k q = case S.splitAt ((k - 1) `mod` S.length q) q of
      (a, x :<| b) | S.length q == 1 -> x
                   | otherwise -> josephus k (b >< a)
      _ -> error "empty"
