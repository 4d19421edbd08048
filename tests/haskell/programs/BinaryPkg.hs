{-# LANGUAGE DeriveGeneric #-}
-- Package binary: encode and decode of derived types, and an error in the input with its place.
module Main (main) where

import Data.Binary
import Data.Binary.Get
import qualified Data.ByteString.Lazy as L
import qualified Data.Map as M
import GHC.Generics

data Item = Item { label :: String, price :: Double, parts :: [Item] } | Nothing' deriving (Show, Eq, Generic)
instance Binary Item

main :: IO ()
main = do
  let i = Item "bolt ü" 1.25 [Item "nut" (-0.5) [], Nothing']
      b = encode (i, M.fromList [(1 :: Int, True)], 2 ^ (90 :: Int) :: Integer)
  print (L.length b, L.unpack (L.take 24 b))
  print (decode b == (i, M.fromList [(1 :: Int, True)], 2 ^ (90 :: Int) :: Integer))
  print (either (\(_, at, m) -> (at, m)) (\(_, at, x) -> (at, show (x :: Item))) (decodeOrFail (L.take 20 b)))
  print (runGet ((,,) <$> getWord16be <*> getWord32le <*> isEmpty) (L.pack [1, 2, 3, 4, 5, 6]))
